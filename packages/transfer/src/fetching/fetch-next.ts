import { partsLeft, type Part } from "../plan.js";
import type { Run } from "../run/run.js";
import type { Buffers, Loan } from "../run/buffers.js";
import { requestOverLane } from "../request/lane-request.js";
import { partFetch, type StoredImage } from "./fetch-part.js";
import type { FirstAnswer } from "./first-answer.js";
import { SharedParts, type Piece } from "./shared-parts.js";
import { wholePart } from "./stretch.js";
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
  const { run, parts, done, buffers, signal } = fetching;
  const left = partsLeft(parts, done).values();
  const inFlight = new PartsInFlight(run);
  const shared = new SharedParts(run);
  return async (lane) => {
    const { value: part } = left.next();
    if (part === undefined) return help(fetching, inFlight, shared, lane);
    const loan = await buffers.lend(part, signal);
    const sent =
      fetching.first?.lane === lane && fetching.first.isFor(part) ? fetching.first : null;
    const piece = shared.begin(loan, sent?.stretch ?? wholePart(part));
    await fetchPiece(fetching, inFlight, shared, lane, piece, sent);
    return true;
  };
}

/**
 * Fetches a piece of a part, which may be told to continue over another connection from where it is. The lane that
 * brings the last piece hands the part on.
 */
async function fetchPiece(
  { run, image, keep, signal }: Fetching,
  inFlight: PartsInFlight,
  shared: SharedParts,
  lane: Lane,
  piece: Piece,
  sent: FirstAnswer | null,
): Promise<void> {
  const { loan, stretch } = piece;
  const { part } = loan;
  const request = sent?.request ?? partFetch({ run, image, lane, part, stretch, loan, signal });
  lane.meter.reachedBytes = 0;
  const flight = inFlight.add(piece, lane, () => request.replace?.());
  shared.fetch(piece, request);
  try {
    await (sent === null ? requestOverLane(request) : sent.fill(loan, signal));
  } catch (error) {
    shared.end(piece);
    loan.release();
    throw error;
  } finally {
    inFlight.remove(flight);
  }
  run.meter.landed(lane.meter, part, stretch.lengthBytes);
  if (shared.end(piece)) keep(loan);
  else loan.release();
}

/**
 * What a lane does when no part is left: it takes half of what is left of the slowest one. Of one that stands still
 * with little left, the connection is replaced; what it has brought stays.
 *
 * @returns false when no part is being fetched any more.
 */
async function help(
  fetching: Fetching,
  inFlight: PartsInFlight,
  shared: SharedParts,
  lane: Lane,
): Promise<boolean> {
  lane.meter.state = "idle";
  const found = await inFlight.next(fetching.signal, () => shared.cutSlowest());
  if (found === null) return false;
  if ("endFirst" in found) found.endFirst();
  else await fetchPiece(fetching, inFlight, shared, lane, found, null);
  return true;
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
