import type { LaneRequest } from "../request/lane-request.js";
import type { Loan } from "../run/buffers.js";
import type { Run } from "../run/run.js";
import { MiB, type Part } from "../plan.js";

/** The bytes of a part that one lane fetches, into the part's memory. */
export interface Piece {
  /** The lane that fetches the piece releases it. */
  readonly loan: Loan;
  readonly stretch: Stretch;
}

/** The parts that are being fetched, each in one or more pieces. */
export class SharedParts {
  readonly #run: Run;
  readonly #fetched = new Map<
    Piece,
    { readonly request: LaneRequest<void>; readonly sinceMs: number }
  >();
  /** How many pieces of each part are still missing, by the part's number. */
  readonly #missing = new Map<number, number>();

  constructor(run: Run) {
    this.#run = run;
  }

  begin(loan: Loan, stretch: Stretch): Piece {
    const { number } = loan.part;
    this.#missing.set(number, (this.#missing.get(number) ?? 0) + 1);
    return { loan, stretch };
  }

  /** Tells that the piece is being fetched. From now on it may be cut. */
  fetch(piece: Piece, request: LaneRequest<void>): void {
    this.#fetched.set(piece, { request, sinceMs: this.#run.clock.monotonicMs() });
  }

  /** Tells that the piece has come, or was given up. @returns Whether its whole part has come. */
  end(piece: Piece): boolean {
    const { number } = piece.loan.part;
    this.#fetched.delete(piece);
    const missing = this.#missing.get(number)! - 1;
    if (missing > 0) this.#missing.set(number, missing);
    else this.#missing.delete(number);
    return missing === 0;
  }

  /**
   * Cuts off half of what is left of the piece that will take longest.
   *
   * @returns The half, to be fetched by the caller; null where another connection would gain nothing.
   */
  cutSlowest(): Piece | null {
    // Under a rate limit a second connection would only slow down the others.
    if (this.#run.options.bytesPerSecond() !== Infinity) return null;
    const nowMs = this.#run.clock.monotonicMs();
    const found = slowest(
      [...this.#fetched].map(([piece, { request, sinceMs }]) => ({
        piece,
        request,
        leftBytes: piece.stretch.lengthBytes - request.reachedBytes,
        movedBytes: request.reachedBytes,
        seenMs: nowMs - sinceMs,
      })),
    );
    if (found === null) return null;
    const { loan, stretch } = found.piece;
    loan.retain();
    return this.begin(loan, stretch.cut(found.request.reachedBytes));
  }
}

/** With less left, the piece is done before a second connection has begun. */
const leastLeftBytes = MiB / 2;
const leastLeftMs = 1_500;
/** How long a stretch is observed before it is judged; longer if nothing has come, since it may still connect. */
const leastSeenMs = 500;
const connectingMs = 3_000;

/** The bytes of a part that one request fetches: all of them, or those before or after a cut. */
export class Stretch {
  /** Where it begins in its part. */
  readonly fromBytes: number;
  #untilBytes: number;

  constructor(fromBytes: number, untilBytes: number) {
    this.fromBytes = fromBytes;
    this.#untilBytes = untilBytes;
  }

  /** Where it ends in its part. */
  get untilBytes(): number {
    return this.#untilBytes;
  }

  get lengthBytes(): number {
    return this.#untilBytes - this.fromBytes;
  }

  /** Cuts off the second half of what is left. @returns The part cut off. */
  cut(reachedBytes: number): Stretch {
    const leftBytes = this.lengthBytes - reachedBytes;
    const second = new Stretch(this.#untilBytes - (leftBytes >> 1), this.#untilBytes);
    this.#untilBytes = second.fromBytes;
    return second;
  }
}

export const wholePart = ({ lengthBytes }: Part): Stretch => new Stretch(0, lengthBytes);

/** How far a stretch has come. */
export interface StretchProgress {
  readonly leftBytes: number;
  readonly movedBytes: number;
  readonly seenMs: number;
}

/** Returns the stretch that will take longest, if a second connection is worth it; else null. Pure. */
export function slowest<S extends StretchProgress>(stretches: readonly S[]): S | null {
  const late = stretches
    .filter(({ leftBytes, movedBytes, seenMs }) => {
      const isSeen = seenMs >= (movedBytes === 0 ? connectingMs : leastSeenMs);
      return isSeen && leftBytes >= leastLeftBytes;
    })
    .map((stretch) => ({ stretch, leftMs: leftMs(stretch) }))
    .filter(({ leftMs }) => leftMs >= leastLeftMs)
    .toSorted((a, b) => b.leftMs - a.leftMs);
  return late[0]?.stretch ?? null;
}

const leftMs = ({ leftBytes, movedBytes, seenMs }: StretchProgress): number =>
  leftBytes / (movedBytes / seenMs);
