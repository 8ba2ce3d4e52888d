import { freshConnectionMs, remainingMs, type ObservedPart } from "./straggler.js";

/** What is known of the link when lanes find no part left. */
export interface LinkRoom {
  /** What the lanes leave unused of what the run has sustained; 0 on a full link. */
  readonly spareBytesPerMs: number;
  /** Of the part that arrived fastest over a connection that had carried none before it; null if there was none. */
  readonly newMsPerByte: number | null;
  /** Second copies that began a moment ago, and do not count in the rates yet. */
  readonly youngCopies: number;
}

/** A second copy has to arrive clearly sooner than the first, as far as that can be told. */
const worthwhileFactor = 1.2;
const worthwhileMs = 500;

/** Estimates how long a part takes over a new connection. */
export function newConnectionMs(
  lengthBytes: number,
  { spareBytesPerMs, newMsPerByte, youngCopies }: LinkRoom,
): number {
  const share = spareBytesPerMs / (youngCopies + 1);
  const asFastAsAny = lengthBytes * (newMsPerByte ?? 0);
  return Math.max(asFastAsAny, lengthBytes / share + freshConnectionMs);
}

/**
 * Returns the part that takes longest, if a second copy of it over a new connection probably arrives sooner and the link
 * has room for it; null if none does. Pure.
 *
 * A connection that has lost packets for a while sends slowly. On a link that is not full any more a new one is several
 * times as fast for its first megabytes.
 */
export function worthASecondCopy<P extends ObservedPart>(
  parts: readonly P[],
  room: LinkRoom,
): P | null {
  if (room.spareBytesPerMs <= 0) return null;
  const slow = parts
    .filter(({ seenMs }) => seenMs >= leastSeenMs)
    .map((part) => ({ part, ms: remainingMs(part) }))
    .filter(({ part, ms }) => {
      const copyMs = newConnectionMs(part.lengthBytes, room);
      return ms > worthwhileFactor * copyMs + worthwhileMs;
    });
  return slow.toSorted((a, b) => b.ms - a.ms)[0]?.part ?? null;
}

const leastSeenMs = 2_000;

/** The most bytes that a run sends twice: a few parts, or a tenth of what it has sent. */
export const mostCopiedBytes = (movedBytes: number, longestPart: number): number =>
  Math.max(mostCopiedShare * movedBytes, fewParts * longestPart);

const mostCopiedShare = 0.1;
const fewParts = 3;
