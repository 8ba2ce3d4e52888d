import net, { isIP, type Socket } from "node:net";
import tls from "node:tls";
import { addressRefused, allowedLookup, type AddressRule } from "./allowed-lookup.js";
import type { LentReads } from "./lent-reads.js";
import type { Proxy } from "./proxies.js";
import { ConnectionError } from "./transport-error.js";
import { openTunnel } from "./tunnel.js";

/** A dual-stack host may need longer than Node's 250 ms for its first handshake. */
const familyAttemptMs = 2_000;
/** From the look-up of the name to the last handshake. */
const connectMs = 30_000;
/** How long a silent connection waits before TCP looks whether its peer is still there. */
const keepAliveMs = 60_000;

/** Node's types lack one. */
interface SocketOptions extends net.TcpNetConnectOpts {
  readonly highWaterMark: number;
}

/** Where a connection leads, and how. */
export interface Destination {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The proxy that connects through; null for none. */
  readonly tunnel: Proxy | null;
  /** A TLS session with this server to resume. @default none */
  readonly session?: Buffer | undefined;
  /** Which of the server's addresses may be connected to; a proxy chooses them itself. @default all */
  readonly mayReach?: AddressRule | undefined;
}

/**
 * A connection from its first packet on: it owns every socket of it and can close them at any moment,
 * also while a name is looked up, a handshake runs, or a proxy is asked.
 */
export class Dial {
  readonly #to: Destination;
  readonly #reads: LentReads | null;
  readonly #sockets: Socket[] = [];
  #closed = false;

  /** @param reads Takes over the reading of the socket; null for Node's own. */
  constructor(to: Destination, reads: LentReads | null) {
    this.#to = to;
    this.#reads = reads;
  }

  /** Resolves with a socket that reaches the server; rejects if that fails, or once closed. Called once. */
  async open(): Promise<Socket> {
    const deadline = setTimeout(() => this.#sockets.at(-1)?.destroy(timedOut()), connectMs);
    try {
      const { origin, tunnel } = this.#to;
      const to = new URL(origin);
      if (tunnel === null) return await this.#connectDirectly(to);
      const way = await this.#connect(new URL(tunnel.origin), null, null);
      await openTunnel(way, hostAndPort(to), tunnel);
      return await this.#connect(to, way, this.#reads);
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Resolves when no socket of this connection is open, nor holds memory. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#sockets.toReversed().map(destroyed));
  }

  /** Also addresses, which no one looks up, are checked. */
  async #connectDirectly(to: URL): Promise<Socket> {
    const { mayReach } = this.#to;
    if (mayReach === undefined) return this.#connect(to, null, this.#reads);
    const isRefused = isIP(nameOf(to)) !== 0 && !mayReach(nameOf(to));
    if (isRefused) throw new ConnectionError(addressRefused);
    return this.#connect(to, null, this.#reads, allowedLookup(mayReach));
  }

  /** @param way A connection to use in place of a new one. */
  #connect(
    to: URL,
    way: Socket | null,
    reads: LentReads | null,
    lookup?: net.LookupFunction,
  ): Promise<Socket> {
    if (this.#closed) throw new Error("the connection was closed");
    const secure = to.protocol === "https:";
    const options: SocketOptions = {
      host: nameOf(to),
      port: portOf(to),
      autoSelectFamilyAttemptTimeout: familyAttemptMs,
      highWaterMark: secure ? 16 * 1024 : 64 * 1024, // as undici has them
      ...(reads === null ? {} : { onread: reads.onread }),
      ...(lookup === undefined ? {} : { lookup }),
    };
    const socket = secure
      ? tls.connect({
          ...options,
          ...this.#tlsOptions(to),
          ...(way === null ? {} : { socket: way }),
        })
      : net.connect(options);
    this.#sockets.push(socket);
    reads?.serve(socket, way === null);
    socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
    return reached(socket, secure ? "secureConnect" : "connect");
  }

  #tlsOptions(to: URL): tls.ConnectionOptions {
    const { session } = this.#to;
    return {
      servername: isIP(nameOf(to)) === 0 ? nameOf(to) : "",
      session,
      ALPNProtocols: ["http/1.1"],
    };
  }
}

function reached(socket: Socket, event: "connect" | "secureConnect"): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve(socket));
    socket.once("close", () => reject(new Error("the connection was closed")));
    socket.on("error", reject); // later ones, too: the user of the socket is told of them
  });
}

function destroyed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.destroy();
  });
}

const nameOf = (to: URL): string => to.hostname.replace(/^\[|\]$/g, "");
const portOf = (to: URL): number => Number(to.port) || (to.protocol === "https:" ? 443 : 80);
const hostAndPort = (to: URL): string => `${to.hostname}:${portOf(to)}`;

const timedOut = (): ConnectionError =>
  new ConnectionError("ETIMEDOUT", "connecting took longer than 30 s");
