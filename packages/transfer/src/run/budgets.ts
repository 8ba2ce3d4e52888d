import { resolveBudgets, type BudgetOptions } from "../budget-options.js";
import type { Platform } from "../ports.js";
import { PartMemory } from "./part-memory.js";
import { RateLimit } from "./rate-limit.js";
import { ServerTime, type Demand, type Share } from "./share.js";
import { SharedPace } from "./shared-pace.js";

/** So many run at once in any case: a small transfer need not wait for a large one and one that waits for an answer. */
const leastAtOnce = 3;
const mostAtOnce = 64;
/** The most transfers that have not begun to move: until its image is created, a transfer only waits for answers. */
const mostPreparing = 8;

/** One of the transfers that run. */
interface Member extends TurnTaker {
  demand: Demand;
}

/**
 * The memory, lanes and rate limit that several transfers share. They begin in the order in which they came, as many
 * at once as it takes to keep the lanes at work.
 */
export class Budgets {
  readonly #memory: PartMemory;
  readonly #rateLimit: RateLimit;
  readonly #serverTime: ServerTime;
  readonly #pace: SharedPace;
  readonly #turns: Turns;
  readonly #waiting = new Set<() => void>();
  readonly #members = new Set<Member>();
  #begun = 0;
  #hasPruned = false;

  /** @throws {InvalidOptionError} An option is out of range. */
  constructor(platform: Pick<Platform, "allocate" | "clock">, given: BudgetOptions) {
    const { clock } = platform;
    const { startLanes, maxLanes, memoryBytes, bytesPerSecond } = resolveBudgets(given);
    this.#memory = new PartMemory((bytes) => platform.allocate(bytes), memoryBytes);
    this.#rateLimit = new RateLimit(clock, bytesPerSecond);
    this.#serverTime = new ServerTime(clock);
    this.#pace = new SharedPace(clock, startLanes, maxLanes, () => this.#turns.serve());
    this.#turns = new Turns(
      () => this.#pace.lanes,
      () => this.#admit(),
    );
  }

  /**
   * Runs a transfer with its share of the budgets, as soon as it may begin.
   *
   * @throws What `work` rejects with, or the signal's reason while it waits.
   */
  async run<T>(signal: AbortSignal, work: (share: Share) => Promise<T>): Promise<T> {
    const member = await this.#enter(signal);
    try {
      return await work(this.#shareOf(member));
    } finally {
      this.#members.delete(member);
      if (this.#members.size === 0) this.#memory.clear();
      this.#admit();
    }
  }

  #enter(signal: AbortSignal): Promise<Member> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const begin = (): void => {
        signal.removeEventListener("abort", stop);
        const demand: Demand = { phase: "preparing", partsLeft: 0 };
        const member: Member = { order: this.#begun++, turns: 0, demand };
        this.#members.add(member);
        resolve(member);
      };
      const stop = (): void => {
        this.#waiting.delete(begin);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#waiting.add(begin);
      this.#admit();
    });
  }

  #shareOf(member: Member): Share {
    return {
      memory: this.#memory,
      rateLimit: this.#rateLimit,
      serverTime: this.#serverTime,
      pace: () => this.#pace.forRun(),
      takeTurn: (signal) => this.#turns.take(member, signal),
      changed: (demand) => {
        member.demand = demand;
        this.#admit();
      },
      mayPrune: () => !this.#hasPruned && (this.#hasPruned = true),
    };
  }

  #admit(): void {
    for (const begin of this.#waiting) {
      if (!this.#hasRoom()) return;
      this.#waiting.delete(begin);
      begin();
    }
  }

  #hasRoom(): boolean {
    if (this.#members.size < leastAtOnce) return true;
    if (this.#members.size >= mostAtOnce) return false;
    const demands = [...this.#members].map(({ demand }) => demand);
    const preparing = demands.filter(({ phase }) => phase === "preparing");
    const partsLeft = demands.reduce((sum, demand) => sum + demand.partsLeft, 0);
    return preparing.length < mostPreparing && partsLeft < this.#pace.lanes * 2;
  }
}

/** A transfer that takes turns. The earliest has the lowest `order`. */
export interface TurnTaker {
  readonly order: number;
  /** How many turns it has at present. */
  turns: number;
}

interface Waiting {
  readonly taker: TurnTaker;
  readonly begin: () => void;
}

/**
 * Limits the requests that all transfers of one budget send at the same time to the number of lanes. A transfer without
 * a request comes first; otherwise the earliest transfer does.
 */
export class Turns {
  readonly #most: () => number;
  readonly #onEnd: () => void;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  /**
   * @param most How many turns there may be; asked each time, since the number of lanes changes.
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

  /** Begins the turns that may begin. Call it when there may be more lanes. */
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
