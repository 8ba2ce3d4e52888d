import type { FileSystem } from "./file-system.js";
import { lapsesAfterMs, renewEveryMs, type LockClock } from "./lock-clock.js";
import { LockedError } from "./lock-errors.js";
import { readLock, type Found } from "./lock-file.js";

/**
 * Watches a lock whose holder cannot be seen from here, until it has lapsed or belongs to another process. Time
 * in which the watcher itself was stopped, or its machine slept, counts as one look, since the holder may have
 * slept as well.
 *
 * @returns Whether it has lapsed; false if something else is there now.
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
