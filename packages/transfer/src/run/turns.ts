/** Who takes turns; the earliest has the lowest number. */
export interface TurnTaker {
  readonly order: number;
  /** Turns that it has. */
  turns: number;
}

interface Waiting {
  readonly taker: TurnTaker;
  readonly begin: () => void;
}

/**
 * The requests that all transfers of one budget have at the same time: never more than there are lanes. Each
 * transfer that waits gets one before any gets another; beyond that, the earliest transfer is served first.
 */
export class Turns {
  readonly #most: () => number;
  readonly #onEnd: () => void;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  /**
   * @param most How many there may be; asked again and again, since lanes come and go.
   * @param onEnd Called when a turn has ended.
   */
  constructor(most: () => number, onEnd: () => void = () => undefined) {
    this.#most = most;
    this.#onEnd = onEnd;
  }

  /** Turns that are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Waits for a turn. @returns Ends the turn; to be called once. */
  async take(taker: TurnTaker, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const began = await this.#wait(taker, signal);
    if (began && !signal.aborted) return () => this.#end(taker);
    if (began) this.#end(taker);
    throw signal.reason;
  }

  /** Resolves to whether the turn has begun; false once aborted. */
  #wait(taker: TurnTaker, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting: Waiting = { taker, begin: () => settle(true) };
      const settle = (began: boolean): void => {
        signal.removeEventListener("abort", stop);
        resolve(began);
      };
      const stop = (): void => {
        this.#waiting.delete(waiting);
        settle(false);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#waiting.add(waiting);
      this.serve();
    });
  }

  #end(taker: TurnTaker): void {
    taker.turns--;
    this.#taken--;
    this.serve();
    this.#onEnd();
  }

  /** Begins the turns that may begin; to be called when there may be more. */
  serve(): void {
    while (this.#taken < this.#most() && this.#waiting.size > 0) {
      const next = [...this.#waiting].reduce((a, b) => (comesBefore(b.taker, a.taker) ? b : a));
      this.#waiting.delete(next);
      next.taker.turns++;
      this.#taken++;
      next.begin();
    }
  }
}

function comesBefore(a: TurnTaker, b: TurnTaker): boolean {
  const hasNone = (taker: TurnTaker): boolean => taker.turns === 0;
  return hasNone(a) === hasNone(b) ? a.order < b.order : hasNone(a);
}
