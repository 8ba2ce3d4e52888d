import type { Change } from "./disk-image.js";
import { DiskImage } from "./disk-image.js";
import type { DiskEvent } from "./memory-fs.js";
import { MemoryFs } from "./memory-fs.js";
import type { Random } from "./random.js";

/** A moment at which the power may fail: what is certainly on the disk, and what may be. */
export interface CrashPoint<Mark> {
  readonly durable: DiskImage;
  readonly unsynced: readonly Change[];
  /** What had been promised by then. */
  readonly mark: Mark;
}

/**
 * A file system in memory that distinguishes what was synced from what was not. A file's sync makes its bytes
 * durable, a folder's sync its names, and neither does the other's. No standard promises more.
 */
export class PowerLossFs<Mark> extends MemoryFs {
  readonly #start: DiskImage;
  readonly #events: { readonly event: DiskEvent; readonly markBefore: Mark }[];
  readonly #mark: () => Mark;

  constructor(start: DiskImage, mark: () => Mark) {
    const events: { readonly event: DiskEvent; readonly markBefore: Mark }[] = [];
    super(start, (event) => events.push({ event, markBefore: mark() }));
    this.#start = start;
    this.#events = events;
    this.#mark = mark;
  }

  /**
   * Yields the moment before the first operation, those between operations, and the one after the last. Use
   * each before you take the next.
   */
  *crashPoints(): Generator<CrashPoint<Mark>> {
    const durable = new DiskImage(this.#start);
    let unsynced: Change[] = [];
    for (const { event, markBefore } of this.#events) {
      yield { durable, unsynced, mark: markBefore };
      unsynced = event.type === "sync" ? synced(durable, unsynced, event) : [...unsynced, event];
    }
    yield { durable, unsynced, mark: this.#mark() };
  }
}

function synced(
  durable: DiskImage,
  unsynced: readonly Change[],
  { node }: DiskEvent & { type: "sync" },
): Change[] {
  const concerns = (change: Change): boolean =>
    change.type === "names"
      ? change.names.some(({ folder }) => folder === node)
      : change.file === node;
  for (const change of unsynced) if (concerns(change)) durable.apply(change);
  return unsynced.filter((change) => !concerns(change));
}

/**
 * Yields the disks that a loss of power at this point may leave. If there are at most `most`, these are all;
 * otherwise one with nothing lost, one with all lost, and `seeds` random ones.
 */
export function* disksAfter(
  { durable, unsynced }: CrashPoint<unknown>,
  {
    most,
    seeds,
    random,
  }: { readonly most: number; readonly seeds: number; readonly random: Random },
): Generator<DiskImage> {
  const fates = unsynced.map(fatesOf);
  const count = fates.reduce((product, { length }) => product * length, 1);
  const pick = (choose: (length: number) => number): DiskImage => {
    const image = new DiskImage(durable);
    for (const fate of fates) {
      const change = fate[choose(fate.length)];
      if (change != null) image.apply(change);
    }
    return image;
  };
  if (count <= most) {
    for (let number = 0; number < count; number++) yield pick(digitsOf(number));
    return;
  }
  yield pick(() => 0);
  yield pick(() => 1);
  for (let seed = 0; seed < seeds; seed++) yield pick((length) => random.below(length));
}

/** Returns a function that splits a number into digits, one per call, each in the given base. */
function digitsOf(number: number): (base: number) => number {
  let rest = number;
  return (base) => {
    const digit = rest % base;
    rest = (rest - digit) / base;
    return digit;
  };
}

/**
 * Returns the possible outcomes of a change: kept or lost; for a write also as zeros, or torn at a sector with
 * either side kept.
 */
function fatesOf(change: Change): (Change | null)[] {
  if (change.type !== "write") return [change, null];
  const { position, bytes } = change;
  const zeroed = { ...change, bytes: new Uint8Array(bytes.length) };
  const middle = Math.round((position + bytes.length / 2) / 512) * 512 - position;
  if (middle <= 0 || middle >= bytes.length) return [change, null, zeroed];
  const head = { ...change, bytes: bytes.subarray(0, middle) };
  const tail = { ...change, position: position + middle, bytes: bytes.subarray(middle) };
  return [change, null, zeroed, head, tail];
}
