import type { Socket } from "node:net";
import { Client, type Dispatcher } from "undici";
import { kept } from "@img/transfer";
import { Dial } from "./dial.js";
import { endGracefully } from "./graceful-end.js";
import type { AddressRule } from "./allowed-lookup.js";
import { HiddenQuery } from "./hidden-query.js";
import { LentReads } from "./lent-reads.js";
import { hasLeft, queuedBytes } from "./queued-bytes.js";
import type { Route } from "./proxies.js";
import type { Sessions } from "./sessions.js";

/**
 * One connection of a lane, from its first packet until it is closed: undici over one socket. It shares nothing with
 * the connection that follows it, so that late bytes reach no other request.
 */
export class Connection {
  /** Called each time bytes arrive from the server. */
  onHeard: () => void = () => undefined;
  readonly #route: Route;
  readonly #sessions: Sessions;
  readonly #mayReach: AddressRule | undefined;
  readonly #client: Client;
  readonly #query = new HiddenQuery();
  #dial: Dial | null = null;
  #reads: LentReads | null = null;
  #socket: Socket | null = null;
  /** The next socket, if it is opened ahead. */
  #opening: Promise<Socket> | null = null;
  /** How many requests the current socket has carried. */
  #carried = 0;
  /** Bytes that the kernel had not taken at the last look. */
  #queuedBytes = 0;

  /**
   * @param sessions Those that it may resume; its own is kept there.
   * @param mayReach Which of the server's addresses may be connected to. @default all
   */
  constructor(route: Route, sessions: Sessions, mayReach?: AddressRule) {
    this.#route = route;
    this.#mayReach = mayReach;
    this.#sessions = sessions;
    this.#client = new Client(route.origin, {
      pipelining: 1,
      keepAliveTimeout: 30_000,
      connect: (_, callback) => {
        this.#next().then(
          (socket) => callback(null, socket),
          (error: unknown) => callback(error as Error, null),
        );
      },
    });
  }

  /** Whether it can carry a request that takes this route. */
  isFor({ origin, tunnel }: Route): boolean {
    return origin === this.#route.origin && tunnel?.origin === this.#route.tunnel?.origin;
  }

  /** The server's address; null while there is no connection, or if it leads through a proxy. */
  get peerAddress(): string | null {
    return this.#route.through === null ? (this.#socket?.remoteAddress ?? null) : null;
  }

  /** Resolves when everything that had arrived before this call was read. */
  async heardAll(): Promise<void> {
    if (this.#carried === 0) return;
    await nextTurn(); // this one may come before the event loop looks at the sockets
    await nextTurn();
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    const path = this.#query.hide(options.method, options.path);
    this.#client.dispatch({ ...options, path }, handler);
  }

  /** Called before a request is written. @returns Whether its socket has carried other requests. */
  begin(): boolean {
    return this.#carried++ > 0;
  }

  /** Whether everything that was written has left the process, and everything that arrived was read. */
  get settled(): boolean {
    return this.#socket !== null && hasLeft(this.#socket) && this.#reads?.waiting === false;
  }

  /** Whether bytes have left since the last look: on a slow link a slice takes long. */
  hasMoved(): boolean {
    const before = this.#queuedBytes;
    this.#queuedBytes = this.#socket === null ? 0 : queuedBytes(this.#socket);
    return this.#queuedBytes > 0 && before > 0 && this.#queuedBytes !== before;
  }

  /** Opens the socket of the first request now. */
  openAhead(): void {
    if (this.#dial === null) this.#opening = kept(this.#open());
  }

  /** Resolves when the socket is closed and holds no memory of a request. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#dial?.close(), this.#client.destroy()]);
  }

  /** Called by undici at the first request, and again if the socket has ended while it was idle. */
  async #next(): Promise<Socket> {
    const opened = await this.#opening;
    this.#opening = null;
    return opened === null || opened.destroyed ? this.#open() : opened;
  }

  async #open(): Promise<Socket> {
    const { origin, tunnel } = this.#route;
    const reads = new LentReads(() => this.onHeard());
    const dial = new Dial(
      {
        origin,
        tunnel,
        session: this.#sessions.of(origin),
        mayReach: this.#route.through === null ? this.#mayReach : undefined,
      },
      reads,
    );
    [this.#dial, this.#reads, this.#socket, this.#carried] = [dial, reads, null, 0];
    const socket = await dial.open();
    this.#query.serve(socket);
    endGracefully(socket);
    this.#socket = socket;
    socket.on("session", (ticket: Buffer) => this.#sessions.keep(origin, ticket));
    return socket;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
