import type { FileSystem } from "./file-system.js";
import { lapsesAfterMs, renewEveryMs, type LockClock } from "./lock-clock.js";
import { LockedError } from "./lock-errors.js";
import { readLock, type Found } from "./lock-file.js";

/**
 * Watches the lock of a holder that cannot be seen from here, until it has lapsed or is another's.
 * What the watcher sleeps through itself, because it was stopped or its machine was, counts as one
 * look: its holder may have slept as well.
 *
 * @returns Whether it has lapsed; false if something else stands there now.
 * @throws {LockedError} Its counter changed: the holder lives.
 */
export async function hasLapsed(
  fs: FileSystem,
  place: string,
  found: Found,
  clock: LockClock,
  signal: AbortSignal,
): Promise<boolean> {
  let unchangedMs = 0;
  let lookedAtMs = clock.monotonicMs();
  while (unchangedMs < lapsesAfterMs) {
    await clock.wait(renewEveryMs, signal);
    const now = await readLock(fs, place);
    if (now?.token !== found.token) return false;
    if (now.counter !== found.counter) throw new LockedError(place, found.holder, false);
    const atMs = clock.monotonicMs();
    unchangedMs += Math.min(atMs - lookedAtMs, 2 * renewEveryMs);
    lookedAtMs = atMs;
  }
  return true;
}
