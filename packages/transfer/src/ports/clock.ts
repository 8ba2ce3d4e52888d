/** The time. Tests use a clock of their own. */
export interface Clock {
  /** Unix time in ms; it may jump. */
  wallMs(): number;
  /** Milliseconds that never go back. They need not count while the machine sleeps. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with `signal.reason` at once when aborted. Leaves no timer behind. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}
