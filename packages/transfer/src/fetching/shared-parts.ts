import type { LaneRequest } from "../request/lane-request.js";
import type { Loan } from "../run/buffers.js";
import type { Run } from "../run/run.js";
import { slowest, type Stretch } from "./stretch.js";

/** What one lane fetches of a part, into the part's memory. */
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
  /** How many pieces of a part are not there yet, by number. */
  readonly #missing = new Map<number, number>();

  constructor(run: Run) {
    this.#run = run;
  }

  begin(loan: Loan, stretch: Stretch): Piece {
    const { number } = loan.part;
    this.#missing.set(number, (this.#missing.get(number) ?? 0) + 1);
    return { loan, stretch };
  }

  /** The piece is being fetched, and may be cut. */
  fetch(piece: Piece, request: LaneRequest<void>): void {
    this.#fetched.set(piece, { request, sinceMs: this.#run.clock.monotonicMs() });
  }

  /** The piece is there, or was given up. @returns Whether its whole part is there. */
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
    // Under a limit a second connection would take its bytes from the others.
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
