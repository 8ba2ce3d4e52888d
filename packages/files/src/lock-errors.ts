import type { LockHolder } from "./lock-holder.js";

/** Another process holds the lock. */
export class LockedError extends Error {
  override readonly name = "LockedError";
  /** Who; null if the lock does not say. */
  readonly holder: LockHolder | null;
  /** Whether the holder may be dead, which cannot be proven from here; then `force` takes the lock. */
  readonly mayForce: boolean;

  constructor(path: string, holder: LockHolder | null, mayForce: boolean) {
    super(
      `${holder === null ? "Another process" : `Process ${holder.pid} on ${holder.host}`} holds ${path}.`,
    );
    this.holder = holder && { pid: holder.pid, host: holder.host, sinceSec: holder.sinceSec };
    this.mayForce = mayForce;
  }
}

/** The lock was deleted, or could not be renewed in time: another process may have it by now. */
export class LockLostError extends Error {
  override readonly name = "LockLostError";
}
