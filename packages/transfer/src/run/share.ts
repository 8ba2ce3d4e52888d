import type { ResolvedOptions } from "../options.js";
import type { Platform, Clock } from "../ports.js";
import type { TransferPhase } from "../progress.js";
import { LanePace } from "./lane-pace.js";
import { PartMemory } from "./part-memory.js";
import { RateLimit } from "./rate-limit.js";
import type { RunPace } from "./shared-pace.js";
import { SteadyPace } from "./steady-pace.js";

/** What a transfer has left to do. */
export interface Demand {
  readonly phase: TransferPhase;
  /** Parts that have not moved yet. */
  readonly partsLeft: number;
}

/** What one transfer may use of memory, lanes and rate: all of it, or its share of what several transfers have. */
export interface Share {
  /** Where part buffers come from. */
  readonly memory: PartMemory;
  /** Paces all bytes that move. */
  readonly rateLimit: RateLimit;
  /** The server's clock, as its last answer told it. */
  readonly serverTime: ServerTime;
  /** The pace of one run. */
  pace(): RunPace;
  /** Waits until a request for a part may be sent. @returns Ends the turn; to be called once. */
  takeTurn(signal: AbortSignal): Promise<() => void>;
  /** Tells how much the transfer has left to do. */
  changed(demand: Demand): void;
  /** Whether this transfer should delete old journals: one of several is enough. */
  mayPrune(): boolean;
}

/** What a transfer may use that shares nothing. It uses as many lanes as make it faster. */
export const ownShare = (platform: Platform, options: ResolvedOptions): Share =>
  shareWith(platform, options, () => {
    return new LanePace(platform.clock, options.startLanes, options.maxLanes);
  });

/** The same with a fixed number of lanes, for pages and for what moves no parts. */
export const steadyShare = (platform: Platform, options: ResolvedOptions): Share =>
  shareWith(platform, options, () => new SteadyPace(platform.clock, options.startLanes));

const shareWith = (platform: Platform, options: ResolvedOptions, pace: Share["pace"]): Share => ({
  memory: new PartMemory((bytes) => platform.allocate(bytes), options.memoryBytes),
  rateLimit: new RateLimit(platform.clock, options.bytesPerSecond),
  serverTime: new ServerTime(platform.clock),
  pace,
  takeTurn: () => Promise.resolve(nothing),
  changed: nothing,
  mayPrune: () => true,
});

const nothing = (): void => undefined;

/** Clocks drift, and a machine may have slept. */
const lastsMs = 30_000;
const mostJumpMs = 500;

interface Told {
  readonly sec: number;
  readonly atMs: number;
  readonly atWallMs: number;
}

/** The server's clock, as an answer to one transfer told it. Transfers that start soon after need not ask again. */
export class ServerTime {
  readonly #clock: Clock;
  #told: Told | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Unix seconds; null if no answer told it lately. */
  get nowSec(): number | null {
    if (this.#told === null) return null;
    const { sec, atMs, atWallMs } = this.#told;
    const sinceMs = this.#clock.monotonicMs() - atMs;
    const jumpMs = Math.abs(this.#clock.wallMs() - atWallMs - sinceMs);
    if (sinceMs > lastsMs || jumpMs > mostJumpMs) return null;
    return sec + Math.floor(sinceMs / 1000);
  }

  /** Notes the time that an answer has just told. */
  heard(sec: number): void {
    this.#told = { sec, atMs: this.#clock.monotonicMs(), atWallMs: this.#clock.wallMs() };
  }
}
