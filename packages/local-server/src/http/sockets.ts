import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { jsonLine } from "./failures.js";

/** The shortest time between two warnings about too many connections. */
const TELL_MS = 60_000;

export interface SocketLimits {
  readonly idleMs: number;
  readonly maxConnections: number;
  readonly warn: (line: string) => void;
}

/**
 * The server's sockets. The idle rule is here: a socket is closed when no byte has moved for `idleMs`
 * while the client is the one waited for. While the disk is, it is left alone, however long that takes.
 */
export class Sockets {
  readonly #idleMs: number;
  #toldMs = -Infinity;
  readonly #open = new Set<Socket>();
  readonly #working = new Set<Socket>();

  constructor(server: HttpServer, { idleMs, maxConnections, warn }: SocketLimits) {
    this.#idleMs = idleMs;
    server.maxConnections = maxConnections;
    server.on("drop", () => this.#dropped(maxConnections, warn));
    server.timeout = idleMs;
    server.on("connection", (socket: Socket) => this.#opened(socket));
    server.on("timeout", (socket: Socket) => this.#idle(socket));
  }

  /** Called when the server starts to work on the request. */
  work(socket: Socket): void {
    this.#working.add(socket);
  }

  /** Called when the client has to send or receive. */
  waitForClient(socket: Socket): void {
    this.#working.delete(socket);
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #dropped(maxConnections: number, warn: (line: string) => void): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < TELL_MS) return;
    this.#toldMs = nowMs;
    warn(jsonLine({ warning: `More than ${maxConnections} connections: new ones are closed.` }));
  }

  #opened(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
  }

  #idle(socket: Socket): void {
    if (this.#working.has(socket)) socket.setTimeout(this.#idleMs);
    else socket.destroy();
  }
}
