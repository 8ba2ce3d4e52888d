import type { Clock } from "../ports.js";

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

let working = 0;
const never = new AbortController().signal;

const once = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets everything that is ready run, and what disks and threads work on end, without time passing. */
export async function turn(times: number = 3): Promise<void> {
  for (let left = times; left > 0; left--) await once();
  while (working > 0) await once();
}

/** Takes as long as a disk or a thread: other work runs meanwhile, and no time passes. Ends with the signal. */
export async function slowly(signal: AbortSignal = never): Promise<void> {
  working++;
  try {
    for (let left = 3; left > 0; left--) {
      signal.throwIfAborted();
      await once();
    }
    signal.throwIfAborted();
  } finally {
    working--;
  }
}

/** How long a module may take to be loaded. */
const mostLoadingMs = 10_000;

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs = 5_000;
  #wallAheadMs = 1_700_000_000_000;

  wallMs(): number {
    return this.#nowMs + this.#wallAheadMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const end = (): void => {
        this.#timers.delete(timer);
        signal.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const fire = (): void => {
        end();
        resolve();
      };
      const timer = { dueMs: this.#nowMs + ms, fire };
      this.#timers.add(timer);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** How many waits are running. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass; each wait ends at its own time, and what follows from it runs then. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await turn();
    for (let next = this.#next(); next !== null && next.dueMs <= untilMs; next = this.#next()) {
      this.#fire(next);
      await turn();
    }
    this.#nowMs = untilMs;
  }

  /** Time passes and nothing runs meanwhile, as when the event loop is blocked. */
  async block(ms: number): Promise<void> {
    await turn();
    this.#nowMs += ms;
    for (const timer of [...this.#timers]) if (timer.dueMs <= this.#nowMs) timer.fire();
    await turn();
  }

  /** The wall clock is set, or ran on while the monotonic one stood still. */
  jumpWall(ms: number): void {
    this.#wallAheadMs += ms;
  }

  /**
   * Lets as much time pass as the promise needs, from one wait's end to the next.
   * Throws where nothing waits and nothing moves, or after `mostMs`: a deadlock. A module that is loaded meanwhile is
   * none, on a machine under load neither.
   */
  async runUntil<T>(promise: Promise<T>, mostMs: number = 3 * 3_600_000): Promise<T> {
    const state = { settled: false };
    const settle = (): void => void (state.settled = true);
    promise.then(settle, settle);
    const untilMs = this.#nowMs + mostMs;
    let movedAtMs = Date.now();
    for (let idle = 0; ;) {
      await turn();
      if (state.settled) return promise;
      const next = this.#next();
      if (next !== null) this.#fire(next);
      idle = next === null ? idle + 1 : 0;
      if (idle === 0) movedAtMs = Date.now();
      if (idle > 2_000 && Date.now() - movedAtMs > mostLoadingMs)
        throw new Error("deadlock: nothing waits and nothing moves");
      if (this.#nowMs > untilMs) throw new Error(`not done after ${mostMs} ms`);
    }
  }

  #next(): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.#timers)
      if (first === null || timer.dueMs < first.dueMs) first = timer;
    return first;
  }

  #fire(timer: Timer): void {
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.fire();
  }
}
