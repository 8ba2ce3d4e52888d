import { partsLeft, type Part } from "../plan.js";
import type { Run } from "../run.js";
import type { Buffers, Loan } from "./buffers.js";
import { fetchPart, type StoredImage } from "./fetch-part.js";
import { fetchStream } from "./fetch-stream.js";
import type { MoveNext } from "./lanes.js";

/** Everything that fetching an image's parts needs. */
export interface Fetching {
  readonly run: Run;
  readonly image: StoredImage;
  /** False where the store ignores ranges: then one lane takes all of the image. */
  readonly ranges: boolean;
  readonly parts: readonly Part[];
  /** Parts that are there already, by number. */
  readonly done: ReadonlyMap<number, unknown>;
  readonly buffers: Buffers;
  /** Takes a part that was fetched, and gives its buffer back when it is done with it. */
  readonly keep: (loan: Loan) => void;
  readonly signal: AbortSignal;
}

/** What each lane does again and again, until no part is left. */
export const fetchNext = (fetching: Fetching): MoveNext =>
  fetching.ranges ? byRanges(fetching) : asOneStream(fetching);

function byRanges({ run, image, parts, done, buffers, keep, signal }: Fetching): MoveNext {
  const left = partsLeft(parts, done).values();
  return async (lane) => {
    const { value: part } = left.next();
    if (part === undefined) return false;
    const loan = await buffers.lend(part, signal);
    try {
      await fetchPart(run, image, lane, loan, signal);
    } catch (error) {
      loan.release();
      throw error;
    }
    run.meter.landed(lane.meter, part);
    keep(loan);
    return true;
  };
}

/** One lane takes all of the image; the others have nothing to do. */
function asOneStream({ run, image, parts, done, buffers, keep, signal }: Fetching): MoveNext {
  let taken = false;
  return async (lane) => {
    if (taken) return false;
    taken = true;
    const there = new Set(done.keys());
    await fetchStream({ run, image, lane, parts, done: there, buffers, keep, signal });
    return true;
  };
}
