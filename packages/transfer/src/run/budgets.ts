import { resolveBudgets, type BudgetOptions } from "../budget-options.js";
import type { Platform } from "../ports.js";
import { PartMemory } from "./part-memory.js";
import { RateLimit } from "./rate-limit.js";
import { ServerTime } from "./server-time.js";
import type { Demand, Share } from "./share.js";
import { SharedPace } from "./shared-pace.js";
import { Turns, type TurnTaker } from "./turns.js";

/** Behind a large transfer, and another that waits for an answer, a small one still runs. */
const leastAtOnce = 3;
const mostAtOnce = 64;
/** Until an image is created, several answers of the service are waited for, and nothing moves. */
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
