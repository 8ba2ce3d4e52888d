/** A list of callers that wait for a change of state; `wake` resumes all of them, in order. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `wake`; rejects with `signal.reason` once aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      signal.addEventListener("abort", done, { once: true });
      this.#waiting.add(done);
    });
    signal.throwIfAborted();
  }

  wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}
