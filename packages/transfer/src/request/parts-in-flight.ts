import { worstStraggler, type ObservedPart } from "./straggler.js";
import type { Run } from "../run/run.js";
import type { Loan } from "../run/buffers.js";
import type { LaneMeter } from "../run/meter.js";
import { linkedController } from "../promises/together.js";

const lookEveryMs = 250;
/** Observations that are older are dropped. */
const windowMs = 10_000;
const mostRemembered = 64;
/** After so many other connections a part is left to its own. */
const mostHelpers = 2;

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
  readonly sinceMs: number;
  /** Ends the present try of the lane that it began on. */
  readonly endFirst: () => void;
  /** Aborts when the part has moved, or is given up. */
  readonly over: AbortController = new AbortController();
  /** The ETag that another connection got for it. */
  etag: string | null = null;
  helpers = 0;
  #from: { readonly ms: number; readonly bytes: number };
  #lastBytes: number;
  #movedAtMs: number;

  constructor(piece: MovedPiece, meter: LaneMeter, endFirst: () => void, nowMs: number) {
    this.loan = piece.loan;
    this.#stretch = piece.stretch;
    this.meter = meter;
    this.endFirst = endFirst;
    this.sinceMs = this.#movedAtMs = nowMs;
    this.#lastBytes = meter.reachedBytes;
    this.#from = { ms: nowMs, bytes: meter.reachedBytes };
  }

  get lengthBytes(): number {
    return this.#stretch.lengthBytes;
  }

  /** Drops what was observed, and starts again. */
  restart(nowMs: number): void {
    this.#movedAtMs = nowMs;
    this.#lastBytes = this.meter.reachedBytes;
    this.#from = { ms: nowMs, bytes: this.#lastBytes };
  }

  /** @returns Null if it cannot be judged now. */
  look(nowMs: number): (ObservedPart & { readonly of: PartInFlight }) | null {
    const { state, reachedBytes } = this.meter;
    const moves = state === "moving" || state === "answering";
    const isOld = nowMs - this.#from.ms > windowMs;
    if (!moves || isOld || reachedBytes < this.#lastBytes) {
      const movedAtMs = this.#movedAtMs;
      this.restart(nowMs);
      if (isOld && moves) this.#movedAtMs = movedAtMs;
      return null;
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

  constructor(run: Run) {
    this.#run = run;
  }

  add(piece: MovedPiece, meter: LaneMeter, endFirst: () => void): PartInFlight {
    const part = new PartInFlight(piece, meter, endFirst, this.#run.clock.monotonicMs());
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

  #remember({ lengthBytes, sinceMs }: PartInFlight): void {
    // A short last part takes as long as its answer, which says nothing about the speed.
    if (lengthBytes < this.#longestBytes / 2) return;
    this.#msPerByte.push((this.#run.clock.monotonicMs() - sinceMs) / lengthBytes);
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

  #tell({ loan, meter }: PartInFlight): void {
    const { number: part, lengthBytes } = loan.part;
    const { reachedBytes } = meter;
    this.#run.options.tell({ event: "straggler", part, lengthBytes, reachedBytes });
  }

  #worst(): PartInFlight | null {
    const nowMs = this.#run.clock.monotonicMs();
    const observed = [...this.#parts].flatMap((part) => part.look(nowMs) ?? []);
    const typical = this.#msPerByte.toSorted((a, b) => a - b)[this.#msPerByte.length >> 1];
    // Under a rate limit a second connection would only slow down the others.
    if (typical === undefined || this.#run.options.bytesPerSecond() !== Infinity) return null;
    const helpable = observed.filter(({ of }) => of.helpers < mostHelpers);
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
