import { partsLeft } from "../plan.js";
import { requestOverLane } from "../request/lane-request.js";
import { PartsInFlight } from "../request/parts-in-flight.js";
import type { Lane, MoveNext } from "../run/lanes.js";
import { partFetch, type Fetching, type FirstAnswer } from "./fetch-part.js";
import { asOneStream } from "./fetch-stream.js";
import { SharedParts, wholePart, type Piece } from "./shared-parts.js";

/** Returns what each lane repeats until no part is left. */
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
 * Fetches a piece of a part. `PartsInFlight` may replace its connection; the rest of the piece then comes over the new
 * one. The lane that completes the part's last piece passes the part on.
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
 * Helps another lane when no part is left: fetches half of what the slowest piece still lacks. If a piece that stalls
 * lacks too little for that, its connection is replaced; the bytes that have come are kept.
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
