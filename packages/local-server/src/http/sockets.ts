import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { jsonLine } from "./failures.js";

/** The minimum time between two warnings about too many connections. */
const TELL_MS = 60_000;

export interface SocketLimits {
  readonly idleMs: number;
  readonly maxConnections: number;
  readonly warn: (line: string) => void;
}

/**
 * The sockets of the server, and their idle rule: a socket is closed when no byte has moved for `idleMs` while
 * the server waits for the client. While it waits for the disk, the socket stays open.
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

  /** The server has started to work on the request. */
  work(socket: Socket): void {
    this.#working.add(socket);
  }

  /** The server waits for the client to send or receive. */
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
