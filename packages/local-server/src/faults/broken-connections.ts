import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import type { Exchange } from "../http/exchange.js";

/** How a fault ends a connection: RST, FIN, or silence with the socket open. */
export type Ending = "reset" | "fin" | "stall";

/** Ends connections in the ways that faults ask for. */
export class BrokenConnections {
  readonly #held = new Set<Socket>();
  /** The TCP sockets under TLS ones, by the client's address. */
  readonly #raw = new Map<string, Socket>();

  constructor(server: HttpServer) {
    server.on("connection", (socket: Socket) => {
      const address = addressOf(socket);
      this.#raw.set(address, socket);
      socket.once("close", () => {
        if (this.#raw.get(address) === socket) this.#raw.delete(address);
      });
    });
  }

  /** Ends a connection. Resolves when it is closed; for a reset, at once. */
  async end(exchange: Exchange, ending: Ending): Promise<undefined> {
    const { socket } = exchange;
    if (ending === "reset") {
      (this.#raw.get(addressOf(socket)) ?? socket).resetAndDestroy();
      return;
    }
    if (ending === "stall") this.#hold(exchange);
    else sendFin(socket);
    await exchange.closed();
  }

  /** Closes the connections that are held open. */
  releaseAll(): void {
    for (const socket of this.#held) socket.destroy();
  }

  /** Holds a connection open: neither reads nor answers until the client or the server closes it. */
  #hold({ request, socket }: Exchange): void {
    socket.setTimeout(0); // the fault keeps it open, so it does not count as idle
    // Not at once. If the request has just asked for more, the socket's `resume` is running and would undo
    // `pause`. If nothing arrives, a client that leaves must still be noticed.
    setImmediate(() => {
      if (!request.complete) socket.pause();
    });
    this.#held.add(socket);
    socket.once("close", () => this.#held.delete(socket));
  }
}

/**
 * Sends FIN and nothing more. What the client still sends is read, because unread bytes would turn the FIN into
 * an RST.
 */
function sendFin(socket: Socket): void {
  socket.end();
  socket.resume();
}

const addressOf = (socket: Socket): string =>
  `${socket.remoteAddress ?? ""}:${socket.remotePort ?? 0}`;
