import type { GetAnswer, GetRequest, PartTransport, PutAnswer, PutRequest } from "@img/transfer";

/**
 * The connections that several transfers share. A request takes the one that was used last, so that there are as many
 * connections as requests at the same time, and a part seldom waits for a handshake.
 */
export class TransportPool {
  readonly #open: () => PartTransport;
  readonly #idle: PartTransport[] = [];
  #closed = false;

  constructor(open: () => PartTransport) {
    this.#open = open;
  }

  /** A transport for one lane, whose requests go over the shared connections. */
  transport(): PartTransport {
    return new PooledTransport(this);
  }

  take(): PartTransport {
    return this.#idle.pop() ?? this.#open();
  }

  async giveBack(transport: PartTransport): Promise<void> {
    if (this.#closed) await transport.close();
    else this.#idle.push(transport);
  }

  /** Closes the connections that are not in use; the others follow when their requests end. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map((transport) => transport.close()));
  }
}

class PooledTransport implements PartTransport {
  readonly #pool: TransportPool;
  readonly #used = new Set<PartTransport>();

  constructor(pool: TransportPool) {
    this.#pool = pool;
  }

  put(request: PutRequest): Promise<PutAnswer> {
    return this.#with((transport) => transport.put(request));
  }

  get(request: GetRequest): Promise<GetAnswer> {
    return this.#with((transport) => transport.get(request));
  }

  /** Ends the requests that are still on their way. */
  async close(): Promise<void> {
    await Promise.all([...this.#used].map((transport) => transport.close()));
  }

  async #with<T>(work: (transport: PartTransport) => Promise<T>): Promise<T> {
    const transport = this.#pool.take();
    this.#used.add(transport);
    try {
      return await work(transport);
    } finally {
      this.#used.delete(transport);
      await this.#pool.giveBack(transport);
    }
  }
}
