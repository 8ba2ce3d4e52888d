import { TransferError, type TransferErrorOptions } from "./transfer-error.js";

/** Reading the source, or writing the target, failed. */
export class DiskError extends TransferError {
  readonly code = "DISK";
}

/** Something stands where the download would go. */
export class TargetExistsError extends TransferError {
  readonly code = "TARGET_EXISTS";
  /** Whether it is a regular file, which the option to overwrite replaces. */
  readonly mayOverwrite: boolean;
  constructor(target: string, what: string) {
    const mayOverwrite = what === "already there";
    super(`${target} is ${what}.`, {
      advice: `Choose another path${mayOverwrite ? ", or allow overwriting" : ""}.`,
    });
    this.mayOverwrite = mayOverwrite;
  }
}

/** The target cannot be written: its folder is missing or may not be written to. */
export class TargetUnusableError extends TransferError {
  readonly code = "TARGET_UNUSABLE";
}

/** The disk has less room than the rest of the image needs. */
export class NotEnoughSpaceError extends TransferError {
  readonly code = "NOT_ENOUGH_SPACE";
  /** What the rest of the image takes. */
  readonly neededBytes: number;
  /** What this user may still write there. */
  readonly freeBytes: number;
  /** @param what Where it is not a disk that is full. */
  constructor(
    neededBytes: number,
    freeBytes: number,
    what = `The image needs ${neededBytes} bytes more, but the disk has ${freeBytes} free.`,
    options?: TransferErrorOptions,
  ) {
    super(what, options);
    this.neededBytes = neededBytes;
    this.freeBytes = freeBytes;
  }
}

/**
 * A script of this package, which is loaded when it is first needed, could not be. A browser does not ask for it
 * again: reload the page, then call again to resume.
 */
export class ScriptNotLoadedError extends TransferError {
  readonly code = "SCRIPT_NOT_LOADED";
  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`A script could not be loaded: ${why.replace(/\.$/, "")}.`, {
      advice: "Reload the page, or start the process again, and run it again to resume.",
      cause,
    });
  }
}

/** The thread that makes the digest died. What has arrived stays; call again to resume. */
export class DigestFailedError extends TransferError {
  readonly code = "DIGEST_FAILED";
}
