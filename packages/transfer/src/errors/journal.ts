import type { LockHolder } from "../ports.js";
import { TransferError } from "./transfer-error.js";

/** No unfinished upload of this name is remembered here. */
export class TransferNotFoundError extends TransferError {
  readonly code = "TRANSFER_NOT_FOUND";
  constructor(name: string) {
    super(`No upload of "${name}" is unfinished here.`);
  }
}

/** Another live process holds this transfer's journal. Wait for it or stop it, then call again. */
export class TransferLockedError extends TransferError {
  readonly code = "TRANSFER_LOCKED";
  /** Who holds it; null where that cannot be told. */
  readonly holder: LockHolder | null;
  /** Whether the holder may be dead but cannot be proven so from here; then `force` is the way. */
  readonly mayForce: boolean;
  constructor(holder: LockHolder | null, mayForce: boolean) {
    const who = holder === null ? "Another process" : `Process ${holder.pid} on ${holder.host}`;
    const since = holder === null ? "" : ` since ${new Date(holder.sinceSec * 1000).toISOString()}`;
    const force = " If it is certainly gone, take over with --force (force: true).";
    super(`${who} has been working on this transfer${since}.`, {
      advice: `Wait for it or stop it, then call again.${mayForce ? force : ""}`,
    });
    this.holder = holder;
    this.mayForce = mayForce;
  }
}

/** The journal is damaged before its synced end, or not ours. Nothing was guessed and nothing sent. */
export class JournalCorruptError extends TransferError {
  readonly code = "JOURNAL_CORRUPT";
  constructor(what: string) {
    super(`The journal of this transfer is damaged: ${what}.`, {
      advice: "Forget it (img transfers forget NAME) to start over.",
    });
  }
}

/** The journal was written by a newer version of this software. */
export class JournalVersionError extends TransferError {
  readonly code = "JOURNAL_VERSION";
  constructor(version: number) {
    super(
      `The journal of this transfer has version ${version}, which is newer than this software.`,
      { advice: "Update it." },
    );
  }
}

/**
 * The journal and its lock were deleted while the transfer ran, so nobody can resume it. Delete what it has
 * made, then start again.
 */
export class JournalGoneError extends TransferError {
  readonly code = "JOURNAL_GONE";
  constructor() {
    super(
      "The journal of this transfer and its lock were deleted while it ran, so it cannot be resumed.",
      { advice: "Delete the unfinished image, then start again." },
    );
  }
}

/** The journal or its lock could not be read or written. Receipts from before stay valid. */
export class JournalIoError extends TransferError {
  readonly code = "JOURNAL_IO";
}
