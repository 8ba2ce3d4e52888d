import { randomBytes } from "node:crypto";
import { removeIfThere, sweepBeside } from "./atomic-file.js";
import { unlessMissing, type FileSystem } from "./file-system.js";
import { Lease, lost, type OnLapse } from "./lease.js";
import { lockClock, type LockClock } from "./lock-clock.js";
import { LockedError } from "./lock-errors.js";
import { putLock, readLock, released, stands } from "./lock-file.js";
import { realProcesses, type Holder, type LockHolder, type Processes } from "./lock-holder.js";
import { Taking } from "./taking.js";

/** A lock that this process holds. */
export interface Lock {
  /** Identifies this taking of the lock. */
  readonly token: string;
  /**
   * Checks the lock by its name.
   *
   * @throws {LockedError} Another process has taken the lock.
   * @throws {LockLostError} The lock was deleted.
   */
  check(): Promise<void>;
  /**
   * Makes sure, before something is written, that the lock was renewed in time. Null if that is certain at
   * once.
   *
   * @throws {LockLostError} It has lapsed.
   */
  ensure(): Promise<void> | null;
  /** Releases the lock; does nothing if another process has taken it. Idempotent. */
  release(): Promise<void>;
}

/** The options of `takeLock`. */
export interface LockOptions {
  /** Whether to take over, too, from a holder that existed before the call and is not proven dead. @default false */
  readonly force?: boolean | undefined;
  /** Ends the wait for a lock to lapse. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called once if the lock could not be renewed in time: then nothing may be written any more.
   *
   * @default the lock is renewed late
   */
  readonly onLapse?: OnLapse | undefined;
  /**
   * Called once, before a lock is watched for 90 s because its holder cannot be seen from here. If it throws,
   * the lock is not taken.
   *
   * @default nothing
   */
  readonly onLockWatched?: ((holder: LockHolder | null) => void) | undefined;
  /**
   * Called, perhaps several times, before the lock is taken over from a holder that may be running: files that
   * it can write to have to be put aside. If it rejects, the lock is not taken.
   *
   * @default nothing
   */
  readonly onTakeOver?: (() => Promise<void>) | undefined;
  /** Permission bits of the lock, less the umask. @default 0o600 */
  readonly mode?: number | undefined;
  /** The processes that holders are looked up in. @default Those of this machine. */
  readonly processes?: Processes | undefined;
  /** The time. @default The machine's. */
  readonly clock?: LockClock | undefined;
}

/**
 * Takes the lock, a file at `path`. A lock that exists is taken over if its holder is proven dead, or if the
 * holder cannot be seen from here and has not renewed it for 90 s, during which the lock is watched.
 *
 * To take a lock over, it is never deleted and made again: then there would be a moment in which two processes
 * succeed. Instead, a process that wants to replace the holder H first makes `LOCK.H`, as a lock of its own,
 * which only one process can do. Only then, and if the lock still names H, it renames `LOCK.H` to `LOCK`. Tokens
 * are never used again, so a process that comes late finds another holder and gives up. A release makes `LOCK.H`
 * first, too, so that it never deletes the lock of the next holder.
 *
 * @throws {LockedError} Another process holds it.
 * @throws {NotAFileError} A link, a pipe, a folder or the like stands there.
 */
export async function takeLock(
  fs: FileSystem,
  path: string,
  options: LockOptions = {},
): Promise<Lock> {
  const { processes = realProcesses, clock = lockClock, mode = 0o600, onLapse = null } = options;
  const { signal = new AbortController().signal, onTakeOver = nothing } = options;
  const { onLockWatched = () => undefined } = options;
  const token = randomBytes(8).toString("hex");
  const holder: Holder = { token, ...(await processes.self()) };
  const forced = options.force === true ? await holdersAt(fs, path) : new Set<string>();
  const taking = new Taking(
    fs,
    path,
    holder,
    { processes, clock, signal, mode, onTakeOver, onLockWatched },
    forced,
  );
  await taking.run();
  const lease = await Lease.begin({ fs, path, token }, clock, onLapse).catch(
    async (error: unknown) => {
      await taking.giveUp();
      throw error;
    },
  );
  await sweepBeside(fs, path, (rest) => rest === token || rest.startsWith(`${token}.`));
  let releasing: Promise<void> | null = null;
  return {
    token,
    check: () => check(fs, path, token),
    ensure: () => lease.ensure(),
    release: () => (releasing ??= release(fs, path, holder, mode, lease)),
  };
}

const nothing = (): Promise<void> => Promise.resolve();

/**
 * Returns the holder of the lock; null if there is none, or it is proven dead.
 *
 * @throws {NotAFileError} There is a link, a pipe, a folder or the like at this path.
 */
export async function lockHolder(
  fs: FileSystem,
  path: string,
  processes: Processes = realProcesses,
): Promise<LockHolder | null> {
  const found = await readLock(fs, path);
  if (found === null || found.holder === null || found.counter === released) return null;
  const { holder } = found;
  if ((await processes.fateOf(holder)) === "dead") return null;
  return { pid: holder.pid, host: holder.host, sinceSec: holder.sinceSec };
}

/** Returns the tokens of the holder, of the process that is about to replace it, and so on. */
async function holdersAt(fs: FileSystem, path: string): Promise<Set<string>> {
  const tokens = new Set<string>();
  for (let place = path; ;) {
    const found = await readLock(fs, place);
    if (found === null) return tokens;
    tokens.add(found.token);
    place = `${place}.${found.token}`;
  }
}

async function check(fs: FileSystem, path: string, token: string): Promise<void> {
  const found = await readLock(fs, path);
  if (found === null) throw lost(path, "was deleted while this process held it");
  if (found.token !== token) throw new LockedError(path, found.holder, false);
}

async function release(
  fs: FileSystem,
  path: string,
  holder: Holder,
  mode: number,
  lease: Lease,
): Promise<void> {
  const right = `${path}.${holder.token}`;
  try {
    if (lease.hasLapsed) return;
    const alone = await putLock(fs, path, right, holder, mode).catch(unlessMissing);
    if (alone === null) return; // it was deleted
    // Another process is about to take it, but may still give up.
    if (!alone) {
      await lease.markReleased();
      return;
    }
    try {
      if (await stands(fs, path, holder.token)) await removeIfThere(fs, path);
    } finally {
      await removeIfThere(fs, right);
    }
  } finally {
    await lease.end();
  }
}
