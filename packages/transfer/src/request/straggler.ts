/**
 * Which part holds a transfer up at its end, so that another connection is worth it. Pure: what was
 * seen of the parts in flight gives the answer.
 */
export interface ObservedPart {
  readonly lengthBytes: number;
  /** How many of its bytes have moved in the present try. */
  readonly reachedBytes: number;
  /** How many of them moved while it was looked at, and for how long that was. */
  readonly seenBytes: number;
  readonly seenMs: number;
  /** Since it moved last. */
  readonly quietMs: number;
}

/** Less says nothing: a connection may pause for a moment. */
const leastSeenMs = 2_000;
/** Bytes are told by slices of up to this: as much may have moved untold. */
const untoldBytes = 1024 * 1024;
/** A new connection has to promise to be done in less than half of the time, */
const worthwhileFactor = 2;
/** and to save more than this. */
const worthwhileMs = 1_000;
/** A handshake and a URL. */
const freshConnectionMs = 500;

/** How long it will still take, as far as can be told. */
function remainingMs(part: ObservedPart): number {
  const leftBytes = part.lengthBytes - part.reachedBytes;
  // An answer, or a byte, that has been waited for so long will take as long again.
  if (leftBytes <= 0) return part.quietMs;
  const bytesPerMs = (part.seenBytes + untoldBytes) / part.seenMs;
  return Math.max(leftBytes / bytesPerMs, part.quietMs);
}

/**
 * The part that another connection would end soonest, by comparison; null if all continue as they are.
 *
 * @param typicalMsPerByte What the parts before have taken, their median.
 */
export function worstStraggler<F extends ObservedPart>(
  parts: readonly F[],
  typicalMsPerByte: number,
): F | null {
  const late = parts
    .filter(({ seenMs }) => seenMs >= leastSeenMs)
    .map((part) => ({ part, ms: remainingMs(part) }))
    .filter(({ part, ms }) => {
      const freshMs = part.lengthBytes * typicalMsPerByte + freshConnectionMs;
      return ms > worthwhileFactor * freshMs + worthwhileMs;
    });
  const worst = late.reduce<(typeof late)[number] | null>(
    (a, b) => (a === null || b.ms > a.ms ? b : a),
    null,
  );
  return worst?.part ?? null;
}
