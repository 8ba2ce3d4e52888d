/**
 * A TCP proxy for tests that does what a server cannot do to its own connections: cut, half-close, silence,
 * slice, slow down or damage them, each connection and each direction by a script.
 */
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { Direction, type Ending, type Treatment } from "./tcp-direction.js";

export type { Ending, Treatment } from "./tcp-direction.js";

/** How one connection is treated. */
export interface Script {
  /** From the client to the server. @default unchanged */
  readonly up?: Treatment | undefined;
  /** From the server to the client. @default unchanged */
  readonly down?: Treatment | undefined;
}

/** A connection through the proxy. Bytes are counted from its beginning. */
export interface ProxiedConnection {
  /** The bytes that were sent from the client to the server. */
  readonly upBytes: number;
  /** The bytes that were sent from the server to the client. */
  readonly downBytes: number;
  /** Ends the connection now. */
  end(by: Ending): void;
  /** Changes the script; its byte counts continue from those above. */
  treat(script: Script): void;
}

/** A running proxy. The caller of `startProxy` closes it. */
export interface Proxy extends AsyncDisposable {
  /** The port on loopback on which it listens. */
  readonly port: number;
  /** The open connections. */
  readonly connections: ReadonlySet<ProxiedConnection>;
  /** The number of connections that were accepted. */
  readonly accepted: number;
  /** Sets where new connections lead: a port of this machine. */
  forwardTo(port: number): void;
  /** Sets how new connections are treated; they are numbered from 1. The default is unchanged. */
  script(of: (connection: number) => Script): void;
  /** Resets all connections, and each new one at once. */
  goDown(): void;
  /** Ends `goDown`: new connections are accepted again. */
  comeBack(): void;
  /** Resets all connections and stops listening. */
  close(): Promise<void>;
}

/** Starts a proxy on a free port of loopback. */
export async function startProxy(): Promise<Proxy> {
  const proxy = new TcpProxy();
  await proxy.listen();
  return proxy;
}

class TcpProxy implements Proxy {
  readonly connections: Set<Connection> = new Set<Connection>();
  accepted = 0;
  #target = 0;
  #isDown = false;
  #scriptOf: (connection: number) => Script = () => ({});
  readonly #server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    this.#accept(socket),
  );

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  forwardTo(port: number): void {
    this.#target = port;
  }

  script(of: (connection: number) => Script): void {
    this.#scriptOf = of;
  }

  goDown(): void {
    this.#isDown = true;
    for (const connection of this.connections) connection.end("reset");
  }

  comeBack(): void {
    this.#isDown = false;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.connections) connection.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(client: Socket): void {
    this.accepted++;
    client.on("error", () => undefined); // its end is all that matters
    if (this.#isDown) {
      client.resetAndDestroy();
      return;
    }
    const connection = new Connection(client, this.#target, this.#scriptOf(this.accepted));
    this.connections.add(connection);
    void connection.over.then(() => this.connections.delete(connection));
  }
}

class Connection implements ProxiedConnection {
  /** Resolves when both sockets are closed. */
  readonly over: Promise<unknown>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #gone = new AbortController();
  readonly #up: Direction;
  readonly #down: Direction;
  #silent = false;

  constructor(client: Socket, port: number, script: Script) {
    this.#client = client;
    this.#server = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    this.#server.on("error", () => undefined);
    const cut = (by: Ending): void => this.end(by);
    this.#up = new Direction(this.#client, this.#server, script.up ?? {}, cut, this.#gone.signal);
    this.#down = new Direction(
      this.#server,
      this.#client,
      script.down ?? {},
      cut,
      this.#gone.signal,
    );
    this.over = this.#untilOver();
  }

  get upBytes(): number {
    return this.#up.bytes;
  }

  get downBytes(): number {
    return this.#down.bytes;
  }

  treat(script: Script): void {
    this.#up.treatment = script.up ?? {};
    this.#down.treatment = script.down ?? {};
  }

  end(by: Ending): void {
    if (this.#silent) return;
    if (by === "silence") {
      this.#silent = true;
      this.#client.pause();
      this.#server.pause();
    } else if (by === "reset") {
      this.#client.resetAndDestroy();
    } else {
      this.#server.destroy();
      this.#client.end();
      this.#client.resume(); // unread bytes would turn it into an RST
    }
    this.#up.stop();
    this.#down.stop();
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  async #untilOver(): Promise<void> {
    await Promise.all([this.#closed(this.#client), this.#closed(this.#server)]);
    this.#gone.abort();
  }

  /** Closes both sides. If one breaks, the other is broken too; an orderly end is passed on in order. */
  #closed(socket: Socket): Promise<void> {
    return new Promise((resolve) =>
      socket.once("close", (hadError) => {
        if (hadError || !socket.readableEnded) this.#breakOff();
        resolve();
      }),
    );
  }

  #breakOff(): void {
    this.#gone.abort();
    if (!this.#client.writableEnded) this.#client.resetAndDestroy();
    this.#server.destroy();
  }
}
