/** Time. Tests turn a clock of their own. */
export interface Clock {
  /** Unix time in ms; it may jump. */
  wallMs(): number;
  /** Never goes back, and need not count sleep. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with `signal.reason` at once when aborted. Leaves no timer behind. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}
