import { partsLeft, type Part } from "../plan.js";
import type { Run } from "../run/run.js";
import type { Buffers, Loan } from "../run/buffers.js";
import { requestOverLane } from "../request/lane-request.js";
import { partFetch, type StoredImage } from "./fetch-part.js";
import type { FirstAnswer } from "./first-answer.js";
import { fetchStream } from "./fetch-stream.js";
import type { Lane, MoveNext } from "../run/lanes.js";
import { PartsInFlight } from "../request/parts-in-flight.js";

/** Everything that fetching an image's parts needs. */
interface Fetching {
  readonly run: Run;
  readonly image: StoredImage;
  readonly parts: readonly Part[];
  /** Parts that are there already, by number. */
  readonly done: ReadonlyMap<number, unknown>;
  readonly buffers: Buffers;
  /** The request for the first part that is missing, where it was sent already. */
  readonly first: FirstAnswer | null;
  /** Takes a part that was fetched, and gives its buffer back when it is done with it. */
  readonly keep: (loan: Loan) => void;
  readonly signal: AbortSignal;
}

/** What each lane does again and again, until no part is left. */
export const fetchNext = (fetching: Fetching): MoveNext =>
  fetching.image.ranges ? byRanges(fetching) : asOneStream(fetching);

function byRanges(fetching: Fetching): MoveNext {
  const { run, parts, done, buffers, keep, signal } = fetching;
  const left = partsLeft(parts, done).values();
  const inFlight = new PartsInFlight(run);
  return async (lane) => {
    const { value: part } = left.next();
    if (part === undefined) return replaceStraggler(inFlight, lane, signal);
    const loan = await buffers.lend(part, signal);
    try {
      await fetchReplaceably(fetching, inFlight, lane, loan);
    } catch (error) {
      loan.release();
      throw error;
    }
    run.meter.landed(lane.meter, part);
    keep(loan);
    return true;
  };
}

/** Fetches a part, which may be told to continue over another connection from where it is. */
async function fetchReplaceably(
  { run, image, first, signal }: Fetching,
  inFlight: PartsInFlight,
  lane: Lane,
  loan: Loan,
): Promise<void> {
  const { part } = loan;
  const sent = first?.lane === lane && first.isFor(part) ? first : null;
  const request = sent?.request ?? partFetch({ run, image, lane, part, loan, signal });
  lane.meter.reachedBytes = 0;
  const flight = inFlight.add(loan, lane.meter, () => request.replace?.());
  try {
    await (sent === null ? requestOverLane(request) : sent.fill(loan, signal));
  } finally {
    inFlight.remove(flight);
  }
}

/**
 * What a lane does when no part is left: the connection of a part that holds all up is replaced. What
 * it has brought stays, so that a second request for the same bytes beside it would gain nothing.
 *
 * @returns false when no part is being fetched any more.
 */
async function replaceStraggler(
  inFlight: PartsInFlight,
  lane: Lane,
  signal: AbortSignal,
): Promise<boolean> {
  lane.meter.state = "idle";
  const part = await inFlight.next(signal);
  part?.endFirst();
  return part !== null;
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
