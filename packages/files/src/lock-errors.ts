import type { LockHolder } from "./lock-holder.js";

/** Another process holds the lock. */
export class LockedError extends Error {
  override readonly name = "LockedError";
  /** The holder; null if the lock does not name it. */
  readonly holder: LockHolder | null;
  /** Whether the holder may be dead, but this cannot be proven from here. Then `force` takes the lock. */
  readonly mayForce: boolean;

  constructor(path: string, holder: LockHolder | null, mayForce: boolean) {
    super(
      `${holder === null ? "Another process" : `Process ${holder.pid} on ${holder.host}`} holds ${path}.`,
    );
    this.holder = holder && { pid: holder.pid, host: holder.host, sinceSec: holder.sinceSec };
    this.mayForce = mayForce;
  }
}

/** The lock was deleted, or was not renewed in time: another process may have it by now. */
export class LockLostError extends Error {
  override readonly name = "LockLostError";
}
