import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Hanging, Moment } from "@img/transfer/contracts";

interface Keys {
  readonly cert: string;
  readonly key: string;
}

/** A server whose connections hang at a chosen moment. */
export interface HangingServer extends Hanging {
  /** Sends bytes that are neither HTTP nor TLS. */
  readonly speakLate: () => void;
  readonly close: () => Promise<void>;
}

/** @param tls The key and certificate for TLS; null for plain HTTP, where nothing can hang before the request. */
export async function startHanging(at: Moment, tls: Keys | null): Promise<HangingServer> {
  const sockets = new Set<Socket>();
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  let onClosed: () => void = () => undefined;
  const onSocket = (socket: Socket): void => {
    socket.on("error", () => socket.destroy());
    hang(socket, at, arrive);
  };
  const secure = tls !== null && at !== "the TLS handshake";
  const server: Server = secure ? createTlsServer(tls, onSocket) : createServer(onSocket);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0) onClosed();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const scheme = tls !== null || at === "the TLS handshake" ? "https" : "http";
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}/part?signature=secret`,
    arrived,
    closed: () =>
      sockets.size === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            onClosed = resolve;
          }),
    speakLate: () => {
      for (const socket of sockets) socket.end("late");
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), "close");
    },
  };
}

function hang(socket: Socket, at: Moment, arrive: () => void): void {
  let receivedBytes = 0;
  socket.on("data", (bytes: Buffer) => {
    receivedBytes += bytes.length;
    if (at === "the TLS handshake" || at === "the body of its request") arrive();
    if (at === "the wait for its answer" && receivedBytes > 300_000) arrive();
    if (at === "the body of its answer" && receivedBytes === bytes.length) {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly a part of it", () =>
        arrive(),
      );
    }
  });
}
