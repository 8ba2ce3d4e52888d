/**
 * The newest TLS session with each server. A connection that resumes it has a shorter handshake: no certificate is sent and
 * checked again, and TLS 1.2 saves a round trip.
 */
export class Sessions {
  readonly #tickets = new Map<string, Buffer>();

  /** @param origin Scheme, host and port. */
  of(origin: string): Buffer | undefined {
    return this.#tickets.get(origin);
  }

  keep(origin: string, ticket: Buffer): void {
    this.#tickets.set(origin, ticket);
  }
}
