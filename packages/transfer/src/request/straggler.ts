/**
 * What was observed of one part in flight. From it `worstStraggler` tells which part delays the end of a
 * transfer, so that another connection pays off.
 */
export interface ObservedPart {
  readonly lengthBytes: number;
  /** How many of its bytes have moved in the present try. */
  readonly reachedBytes: number;
  /** How many of them moved while it was observed, and how long that was. */
  readonly seenBytes: number;
  readonly seenMs: number;
  /** Time since a byte moved. */
  readonly quietMs: number;
}

/** A part that was observed for a shorter time is not judged: a connection may pause. */
const leastSeenMs = 2_000;
/** Bytes are reported in slices of up to this size, so this much may have moved unreported. */
const untoldBytes = 1024 * 1024;
/** A new connection must be expected to need less than half of the time, */
const worthwhileFactor = 2;
/** and to save more than this. */
const worthwhileMs = 1_000;
/** A handshake and a URL. */
export const freshConnectionMs = 500;

/** Estimates how long a part will still take. */
export function remainingMs(part: ObservedPart): number {
  const leftBytes = part.lengthBytes - part.reachedBytes;
  // A wait is expected to last as long again as it has lasted.
  if (leftBytes <= 0) return part.quietMs;
  const bytesPerMs = (part.seenBytes + untoldBytes) / part.seenMs;
  return Math.max(leftBytes / bytesPerMs, part.quietMs);
}

/**
 * Returns the part that gains most from another connection; null if none gains enough. Pure.
 *
 * @param typicalMsPerByte The median of the parts that are done.
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
