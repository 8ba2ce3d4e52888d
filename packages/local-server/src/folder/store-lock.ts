import { join } from "node:path";
import {
  LockedError,
  takeLock,
  type FileSystem,
  type LockHolder,
  type Lock,
  type LockOptions,
} from "@img/files";

/** Another process serves this folder, or may do so. Stop it, or choose another folder. */
export class StoreLockedError extends Error {
  override readonly name = "StoreLockedError";
  /** The code, for a `switch`; it never changes. */
  readonly code = "STORE_LOCKED";
  /** The process that serves the folder; 0 if the lock does not name it. */
  readonly pid: number;
  /** The machine or container that it runs on; "" if the lock does not name it. */
  readonly host: string;

  constructor(dir: string, holder: LockHolder | null, mayForce: boolean, options?: ErrorOptions) {
    const who = holder === null ? "Another process" : `Process ${holder.pid} on ${holder.host}`;
    super(
      mayForce
        ? `${who} may be serving ${dir}; this host cannot check that. If it is certainly gone, start with --force (force: true).`
        : `${who} is serving ${dir}. Stop it, or choose another folder.`,
      options,
    );
    this.pid = holder?.pid ?? 0;
    this.host = holder?.host ?? "";
  }
}

/** The lock of the folder was not renewed in time: another server may have taken the folder over. */
export class StoreLockLostError extends Error {
  override readonly name = "StoreLockLostError";
  /** The code, for a `switch`; it never changes. */
  readonly code = "STORE_LOCK_LOST";

  constructor(dir: string, options?: ErrorOptions) {
    super(
      `The lock of ${dir} was not renewed for over 30 seconds: the process or its disk stood still. Another server may use the folder by now, so this one has stopped. Start it again.`,
      options,
    );
  }
}

/**
 * Makes this process the folder's only server until the lock is released. A lock whose holder is dead (`kill
 * -9`, a reboot) is taken over at once. If the holder ran in another container or on another host and cannot be
 * seen from here, the lock is taken over when it was not renewed for 90 s.
 *
 * @throws {StoreLockedError} Its holder is alive, or may be.
 */
export async function lockFolder(fs: FileSystem, dir: string, options: LockOptions): Promise<Lock> {
  try {
    return await takeLock(fs, join(dir, "lock"), options);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new StoreLockedError(dir, error.holder, error.mayForce, { cause: error });
  }
}
