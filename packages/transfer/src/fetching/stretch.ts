import { MiB, type Part } from "../plan.js";

/** With less left, a second connection would hardly have begun. */
const leastLeftBytes = MiB / 2;
const leastLeftMs = 1_500;
/** So long is looked before it is told how fast a stretch comes; longer where nothing has come: it may still connect. */
const leastSeenMs = 500;
const connectingMs = 3_000;

/** The bytes of a part that one request brings: all of them, or those before or behind a cut. */
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

/** The one that will take longest, if a second connection is worth it; null if none is. Pure. */
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
