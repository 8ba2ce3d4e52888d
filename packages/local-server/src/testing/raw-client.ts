import { connect } from "node:net";
import type { Socket } from "node:net";

/** What a client sees of one request on a socket of its own. */
export interface Seen {
  readonly socket: Socket;
  readonly text: () => string;
  /** "FIN", or the error's code. */
  readonly end: Promise<string>;
}

/** Sends a request and leaves its socket to the test. */
export function send(method: string, url: string, body: Uint8Array, headers = ""): Seen {
  const { hostname, port, host, pathname, search } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const slices: Buffer[] = [];
  socket.on("data", (slice) => slices.push(slice));
  socket.write(`${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${headers}`);
  socket.write(`Content-Length: ${body.length}\r\n\r\n`);
  socket.write(body);
  let ending = "FIN";
  // An RST may show as the error of a write that was under way, after the end of what can be read.
  socket.once("end", () => socket.end());
  socket.once("error", (error) => (ending = "code" in error ? String(error.code) : error.message));
  const end = new Promise<string>((resolve) => socket.once("close", () => resolve(ending)));
  return { socket, text: () => Buffer.concat(slices).toString("latin1"), end };
}
