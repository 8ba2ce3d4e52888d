import { mostCopiedBytes, worthASecondCopy } from "./second-copy.js";
import { worstStraggler, type ObservedPart } from "./straggler.js";
import type { Run } from "../run/run.js";
import type { Loan } from "../run/buffers.js";
import type { Lane } from "../run/lanes.js";
import type { LaneMeter } from "../run/meter.js";
import { linkedController } from "../promises/together.js";

const lookEveryMs = 250;
/** What was observed is forgotten after one to two of these. */
const windowMs = 5_000;
const mostRemembered = 64;
/** After so many other connections a part is left to its own. */
const mostHelpers = 2;
const leastWatchedMs = 2_000;
/** The rates of the link show a second copy once it is older. */
const youngMs = 2_500;

/** A part in memory, and what of it one request moves. */
export interface MovedPiece {
  readonly loan: Loan;
  readonly stretch: { readonly lengthBytes: number };
}

/** One part that is being moved, or a piece of it, and how its try can be ended. */
class PartInFlight {
  readonly loan: Loan;
  readonly #stretch: MovedPiece["stretch"];
  readonly meter: LaneMeter;
  /** Whether it began on a connection that had carried nothing. */
  readonly isOnNew: boolean;
  readonly sinceMs: number;
  /** Ends the present try of the lane that it began on. */
  readonly endFirst: () => void;
  /** Aborts when the part has moved, or is given up. */
  readonly over: AbortController = new AbortController();
  /** The ETag that another connection got for it. */
  etag: string | null = null;
  helpers = 0;
  /** When it was first looked at: slices that were on their way until then had not been told. */
  watchedFromMs: number = Infinity;
  /** Where the observation begins, and where it begins once that is too old. */
  #from: { readonly ms: number; readonly bytes: number };
  #next: { readonly ms: number; readonly bytes: number };
  #lastBytes: number;
  #movedAtMs: number;

  constructor(piece: MovedPiece, lane: Lane, endFirst: () => void, nowMs: number) {
    const { meter } = lane;
    this.loan = piece.loan;
    this.#stretch = piece.stretch;
    this.meter = meter;
    this.isOnNew = !lane.isConnected;
    this.endFirst = endFirst;
    this.sinceMs = this.#movedAtMs = nowMs;
    this.#lastBytes = meter.reachedBytes;
    this.#from = this.#next = { ms: nowMs, bytes: meter.reachedBytes };
  }

  get lengthBytes(): number {
    return this.#stretch.lengthBytes;
  }

  /** Drops what was observed, and starts again. */
  restart(nowMs: number): void {
    this.#movedAtMs = nowMs;
    this.#lastBytes = this.meter.reachedBytes;
    this.#from = this.#next = { ms: nowMs, bytes: this.#lastBytes };
  }

  /** @returns Null if it cannot be judged now. */
  look(nowMs: number): (ObservedPart & { readonly of: PartInFlight }) | null {
    const { state, reachedBytes, tryFrom } = this.meter;
    const moves = state === "moving" || state === "answering";
    if (!moves || reachedBytes < this.#lastBytes) {
      this.restart(nowMs);
      return null;
    }
    this.watchedFromMs = Math.min(this.watchedFromMs, nowMs);
    if (tryFrom.ms > this.#from.ms) this.#from = this.#next = tryFrom;
    if (nowMs - this.#next.ms > windowMs) {
      [this.#from, this.#next] = [this.#next, { ms: nowMs, bytes: reachedBytes }];
    }
    if (reachedBytes > this.#lastBytes) this.#movedAtMs = nowMs;
    this.#lastBytes = reachedBytes;
    return {
      of: this,
      lengthBytes: this.lengthBytes,
      reachedBytes,
      seenBytes: reachedBytes - this.#from.bytes,
      seenMs: nowMs - this.#from.ms,
      quietMs: nowMs - this.#movedAtMs,
    };
  }
}

/**
 * The parts that are being moved, and how long the earlier ones took. A lane that finds no part left waits here
 * for a straggler.
 */
export class PartsInFlight {
  readonly #run: Run;
  readonly #parts = new Set<PartInFlight>();
  readonly #msPerByte: number[] = [];
  readonly #naps = new Set<AbortController>();
  #longestBytes = 0;
  #newMsPerByte: number | null = null;
  #copiedBytes = 0;
  #copyTimes: readonly number[] = [];

  constructor(run: Run) {
    this.#run = run;
  }

  add(piece: MovedPiece, lane: Lane, endFirst: () => void): PartInFlight {
    const part = new PartInFlight(piece, lane, endFirst, this.#run.clock.monotonicMs());
    this.#parts.add(part);
    this.#longestBytes = Math.max(this.#longestBytes, part.lengthBytes);
    return part;
  }

  /** Removes a part that has moved, or was given up. */
  remove(part: PartInFlight): void {
    this.#parts.delete(part);
    this.#remember(part);
    part.over.abort(new Error("the part is through"));
    for (const nap of this.#naps) nap.abort(wakeUp);
  }

  #remember({ lengthBytes, sinceMs, isOnNew }: PartInFlight): void {
    // A short last part takes as long as its answer, which says nothing about the speed.
    if (lengthBytes < this.#longestBytes / 2) return;
    const msPerByte = (this.#run.clock.monotonicMs() - sinceMs) / lengthBytes;
    if (isOnNew) this.#newMsPerByte = Math.min(this.#newMsPerByte ?? Infinity, msPerByte);
    this.#msPerByte.push(msPerByte);
    if (this.#msPerByte.length > mostRemembered) this.#msPerByte.shift();
  }

  /**
   * Waits for a part that another connection would finish sooner. Returns null when no part is left.
   *
   * @param other Asked again and again for something better to do.
   */
  async next<Other = never>(
    signal: AbortSignal,
    other: () => Other | null = () => null,
  ): Promise<PartInFlight | Other | null> {
    while (this.#parts.size > 0) {
      const better = other();
      if (better !== null) return better;
      const worst = this.#worst();
      if (worst !== null) {
        worst.helpers++;
        worst.restart(this.#run.clock.monotonicMs());
        this.#tell(worst);
        return worst;
      }
      await this.#nap(signal);
    }
    return null;
  }

  /** Returns the part of which the caller is to send a second copy, over a new connection; null if none is worth it. */
  worthASecondCopy(): PartInFlight | null {
    const nowMs = this.#run.clock.monotonicMs();
    const youngCopies = this.#copyTimes.filter((ms) => nowMs - ms < youngMs).length;
    const { spareBytesPerMs } = this.#run.pace.rate;
    const mostBytes = mostCopiedBytes(this.#run.meter.movedBytes, this.#longestBytes);
    const parts = this.#observed(nowMs).filter(
      ({ of, lengthBytes }) => of.helpers === 0 && this.#copiedBytes + lengthBytes <= mostBytes,
    );
    const room = { spareBytesPerMs, newMsPerByte: this.#newMsPerByte, youngCopies };
    const worth = worthASecondCopy(parts, room)?.of ?? null;
    if (worth === null) return null;
    worth.helpers = mostHelpers; // one copy of a part is enough
    this.#copiedBytes += worth.lengthBytes;
    this.#copyTimes = [...this.#copyTimes, nowMs];
    this.#tell(worth);
    return worth;
  }

  #observed(nowMs: number) {
    return [...this.#parts].flatMap((part) => part.look(nowMs) ?? []);
  }

  #tell({ loan, meter }: PartInFlight): void {
    const { number: part, lengthBytes } = loan.part;
    const { reachedBytes } = meter;
    this.#run.options.tell({ event: "straggler", part, lengthBytes, reachedBytes });
  }

  #worst(): PartInFlight | null {
    const nowMs = this.#run.clock.monotonicMs();
    const observed = this.#observed(nowMs);
    const typical = this.#msPerByte.toSorted((a, b) => a - b)[this.#msPerByte.length >> 1];
    // Under a rate limit a second connection would only slow down the others.
    if (typical === undefined || this.#run.options.bytesPerSecond() !== Infinity) return null;
    const helpable = observed.filter(
      ({ of }) => of.helpers < mostHelpers && nowMs - of.watchedFromMs >= leastWatchedMs,
    );
    return worstStraggler(helpable, typical)?.of ?? null;
  }

  async #nap(signal: AbortSignal): Promise<void> {
    const { controller, unlink } = linkedController(signal);
    this.#naps.add(controller);
    try {
      await this.#run.clock.wait(lookEveryMs, controller.signal);
    } catch {
      signal.throwIfAborted(); // else a part was removed
    } finally {
      this.#naps.delete(controller);
      unlink();
    }
  }
}

const wakeUp = new Error("wake up");
