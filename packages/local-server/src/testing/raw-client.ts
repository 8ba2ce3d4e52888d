import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect } from "vitest";

/** What a client sees of one request on its own socket. */
export interface Seen {
  readonly socket: Socket;
  readonly text: () => string;
  /** "FIN", or the error's code. */
  readonly end: Promise<string>;
}

/**
 * Sends a request and leaves its socket to the test.
 *
 * @param body The body; or its length, if the test sends it.
 * @param ca The server's own certificate, for TLS.
 */
export function send(
  method: string,
  url: string,
  body: Uint8Array | number,
  headers = "",
  ca?: string,
): Seen {
  const { protocol, hostname, port, host, pathname, search } = new URL(url);
  const to = { port: Number(port), host: hostname, allowHalfOpen: true };
  const socket: Socket = protocol === "https:" ? connectTls({ ...to, ca }) : connect(to);
  const slices: Buffer[] = [];
  socket.on("data", (slice) => slices.push(slice));
  const isThere = typeof body !== "number";
  const lengthBytes = isThere ? body.length : body;
  socket.write(
    `${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${headers}Content-Length: ${lengthBytes}\r\n\r\n`,
  );
  if (isThere) socket.write(body);
  let ending = "FIN";
  // After the readable end, an RST may appear as the error of a write.
  socket.once("end", () => socket.end());
  socket.once("error", (error) => (ending = "code" in error ? String(error.code) : error.message));
  const end = new Promise<string>((resolve) => socket.once("close", () => resolve(ending)));
  return { socket, text: () => Buffer.concat(slices).toString("latin1"), end };
}

/** Sends made-up bytes until all are sent or no more are accepted; resolves to their number. */
export async function fill(socket: Socket, sizeBytes: number): Promise<number> {
  const slice = Buffer.alloc(64 * 1024);
  let sent = 0;
  const next = (): void => {
    if (sent === sizeBytes) return;
    socket.write(slice, (error) => {
      if (error) return;
      sent += slice.length;
      next();
    });
  };
  next();
  let before = 0;
  const isStill = (): boolean => {
    const still = sent > 0 && sent === before;
    before = sent;
    return still;
  };
  await expect.poll(isStill, { interval: 100 }).toBe(true);
  return sent;
}
