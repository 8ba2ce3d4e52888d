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

/** With an option that Node's types lack. */
interface SocketOptions extends net.TcpNetConnectOpts {
  readonly highWaterMark: number;
}

/** Where a connection leads, and through what. */
export interface Destination {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The proxy to tunnel through; null for none. */
  readonly tunnel: Proxy | null;
  /** A TLS session with this server to resume. @default none */
  readonly session?: Buffer | undefined;
  /** Which of the server's addresses may be connected to. A proxy chooses them itself. @default all */
  readonly mayReach?: AddressRule | undefined;
}

/**
 * Opens a connection, and owns its sockets from the first packet on. It can close them at any moment: during the
 * look-up of a name, a handshake, or a request to a proxy.
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

  /** Checks an address too, for which there is no look-up. */
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
    socket.on("error", reject); // later errors need a listener as well
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
