import type { PartTransport } from "@img/transfer";

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

  /** A transport for one lane, whose requests go over the shared connections. Its `close` ends those that still run. */
  transport(): PartTransport {
    const used = new Set<PartTransport>();
    const over = async <T>(work: (transport: PartTransport) => Promise<T>): Promise<T> => {
      const transport = this.#idle.pop() ?? this.#open();
      used.add(transport);
      try {
        return await work(transport);
      } finally {
        used.delete(transport);
        if (this.#closed) await transport.close();
        else this.#idle.push(transport);
      }
    };
    return {
      put: (request) => over((transport) => transport.put(request)),
      get: (request) => over((transport) => transport.get(request)),
      close: async () => closeAll([...used]),
    };
  }

  /** Closes the connections that are not in use; the others follow when their requests end. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await closeAll(this.#idle.splice(0));
  }
}

async function closeAll(transports: readonly PartTransport[]): Promise<void> {
  await Promise.all(transports.map((transport) => transport.close()));
}
