import type { LockHolder } from "./ports.js";
import type { TransferPhase } from "./progress.js";

/**
 * One class for each thing that a caller can act on. `code` is for programs and stays; the message is
 * a sentence for a person and may change. `cause` keeps the original. None holds a URL or a token.
 */
abstract class TransferError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option is out of its range, or not of its type. Nothing was sent. */
export class InvalidOptionError extends TransferError {
  readonly code = "INVALID_OPTION";
  readonly option: string;
  constructor(option: string, given: unknown, wanted: string) {
    super(
      `${option} must be ${wanted}, but is ${typeof given === "string" ? JSON.stringify(given) : String(given)}.`,
    );
    this.option = option;
  }
}

/** The image is empty, or larger than the 128 GiB that the service keeps. Nothing was sent. */
export class ImageSizeError extends TransferError {
  readonly code = "IMAGE_SIZE";
  readonly sizeBytes: number;
  constructor(sizeBytes: number) {
    super(
      sizeBytes === 0
        ? "The file is empty. An image has at least 1 byte; check that it was written completely."
        : `An image has from 1 byte to 128 GiB, but this one has ${sizeBytes} bytes.`,
    );
    this.sizeBytes = sizeBytes;
  }
}

/** The source cannot be used: missing, not a regular file, unreadable. Nothing was sent. */
export class SourceUnusableError extends TransferError {
  readonly code = "SOURCE_UNUSABLE";
}

/** The source is no longer what it was when the upload began. The image was not completed. */
export class SourceChangedError extends TransferError {
  readonly code = "SOURCE_CHANGED";
  constructor(what: string, options?: ErrorOptions) {
    super(
      `The source changed: ${what}. Put the former file back, or start anew with ifSourceChanged "restart".`,
      options,
    );
  }
}

/** A live image of another upload has this name. */
export class NameTakenError extends TransferError {
  readonly code = "NAME_TAKEN";
  readonly imageName: string;
  readonly imageId: string | null;
  readonly uploadStatus: string | null;
  constructor(imageName: string, image: { id: string; uploadStatus: string } | null) {
    const which =
      image === null ? "another image" : `image ${image.id}, which is ${image.uploadStatus}`;
    super(
      `The name "${imageName}" is taken by ${which}. Choose another name, delete that image, or see ifNameTaken.`,
    );
    this.imageName = imageName;
    this.imageId = image?.id ?? null;
    this.uploadStatus = image?.uploadStatus ?? null;
  }
}

/** The service says that this image failed. */
export class ImageFailedError extends TransferError {
  readonly code = "IMAGE_FAILED";
  readonly imageId: string;
  constructor(imageId: string) {
    super(
      `The service marked image ${imageId} as failed. Delete it, or start anew with ifImageGone "restart".`,
    );
    this.imageId = imageId;
  }
}

/**
 * The service refuses to complete the image, although every part has arrived as far as the journal
 * knows. Trying again changes nothing. `cause` is the client's typed error.
 */
export class CompleteRefusedError extends TransferError {
  readonly code = "COMPLETE_REFUSED";
  readonly imageId: string;
  constructor(imageId: string, why: string, options?: ErrorOptions) {
    super(
      `The service refuses to complete image ${imageId}, of which every part was sent: ${why.replace(/\.$/, "")}. ` +
        'Delete it, or start anew with ifImageGone "restart".',
      options,
    );
    this.imageId = imageId;
  }
}

/** The object store has let go of the upload, although the service still waits for its parts. */
export class UploadLostError extends TransferError {
  readonly code = "UPLOAD_LOST";
  readonly imageId: string;
  constructor(imageId: string, options?: ErrorOptions) {
    super(
      `The object store no longer knows the upload of image ${imageId}, and so has none of its parts. ` +
        'Delete the image, or start anew with ifImageGone "restart".',
      options,
    );
    this.imageId = imageId;
  }
}

/** The image of this transfer is not there any more: deleted, or never this account's. */
export class ImageGoneError extends TransferError {
  readonly code = "IMAGE_GONE";
  readonly imageId: string;
  constructor(imageId: string, options?: ErrorOptions) {
    super(
      `Image ${imageId} is gone: it was deleted, or belongs to another account. Start anew with ifImageGone "restart".`,
      options,
    );
    this.imageId = imageId;
  }
}

/** No image has this id or name. */
export class ImageNotFoundError extends TransferError {
  readonly code = "IMAGE_NOT_FOUND";
  constructor(idOrName: string, options?: ErrorOptions) {
    super(`No image has the id or name "${idOrName}".`, options);
  }
}

/** The image cannot be downloaded in the state that it is in. */
export class ImageNotReadyError extends TransferError {
  readonly code = "IMAGE_NOT_READY";
  constructor(imageId: string, options?: ErrorOptions) {
    super(
      `Image ${imageId} is not complete, so there is nothing to download yet. Finish its upload first.`,
      options,
    );
  }
}

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
  readonly holder: LockHolder | null;
  /** Whether the holder may be dead but cannot be proven so from here; then `force` is the way. */
  readonly mayForce: boolean;
  constructor(holder: LockHolder | null, mayForce: boolean) {
    const who = holder === null ? "Another process" : `Process ${holder.pid} on ${holder.host}`;
    const since = holder === null ? "" : ` since ${new Date(holder.sinceSec * 1000).toISOString()}`;
    super(
      `${who} has been working on this transfer${since}. Wait for it or stop it, then call again.` +
        (mayForce ? " If it is certainly gone, take over with --force (force: true)." : ""),
    );
    this.holder = holder;
    this.mayForce = mayForce;
  }
}

/** The journal is damaged before its synced end, or not ours. Nothing was guessed and nothing sent. */
export class JournalCorruptError extends TransferError {
  readonly code = "JOURNAL_CORRUPT";
  constructor(what: string) {
    super(
      `The journal of this transfer is damaged: ${what}. Forget it (img transfers forget NAME) to start anew.`,
    );
  }
}

/** The journal was written by a newer version of this software. */
export class JournalVersionError extends TransferError {
  readonly code = "JOURNAL_VERSION";
  constructor(version: number) {
    super(
      `The journal of this transfer has version ${version}, which is newer than this software. Update it.`,
    );
  }
}

/** The journal or its lock could not be read or written. Receipts from before stay valid. */
export class JournalIoError extends TransferError {
  readonly code = "JOURNAL_IO";
}

/** Reading the source, or writing the target, failed. */
export class DiskError extends TransferError {
  readonly code = "DISK";
}

/** What was downloaded, or read back, is not what the service says it is. The target is untouched. */
export class DigestMismatchError extends TransferError {
  readonly code = "DIGEST_MISMATCH";
  readonly wantedSha256: string;
  readonly gotSha256: string;
  constructor(what: string, wantedSha256: string, gotSha256: string) {
    super(`${what} has SHA-256 ${gotSha256}, not ${wantedSha256}.`);
    this.wantedSha256 = wantedSha256;
    this.gotSha256 = gotSha256;
  }
}

/** A verification: the stored image is not the same as the file. Nothing was changed. */
export class ImageDiffersError extends TransferError {
  readonly code = "IMAGE_DIFFERS";
  readonly imageId: string;
  constructor(imageId: string, file: string, how: string) {
    super(`Image ${imageId} is not what ${file} holds: ${how}.`);
    this.imageId = imageId;
  }
}

/** The stored image is no longer the one whose download began. The next run starts anew. */
export class ImageChangedError extends TransferError {
  readonly code = "IMAGE_CHANGED";
  constructor(what: string) {
    super(`The image changed while it was downloaded: ${what}. Run the download again.`);
  }
}

/** Something stands where the download would go. */
export class TargetExistsError extends TransferError {
  readonly code = "TARGET_EXISTS";
  constructor(target: string, what: string) {
    super(
      `${target} is ${what}. Choose another path${what === "already there" ? ", or allow overwriting" : ""}.`,
    );
  }
}

/** The target cannot be written: its folder is missing or may not be written to. */
export class TargetUnusableError extends TransferError {
  readonly code = "TARGET_UNUSABLE";
}

/** The disk has less room than the rest of the image needs. */
export class NotEnoughSpaceError extends TransferError {
  readonly code = "NOT_ENOUGH_SPACE";
  readonly neededBytes: number;
  readonly freeBytes: number;
  constructor(neededBytes: number, freeBytes: number) {
    super(`The image needs ${neededBytes} bytes more, but the disk has ${freeBytes} free.`);
    this.neededBytes = neededBytes;
    this.freeBytes = freeBytes;
  }
}

/** The service handed out a part URL that must not be used: another scheme, or with user info. */
export class UnsafeUrlError extends TransferError {
  readonly code = "UNSAFE_URL";
  constructor(why: string) {
    super(`The service handed out a URL that is not safe to use: ${why}.`);
  }
}

/** The object store refused a part for good. */
export class PartRefusedError extends TransferError {
  readonly code = "PART_REFUSED";
  readonly part: number;
  readonly status: number | null;
  constructor(part: number, status: number | null, why: string, options?: ErrorOptions) {
    super(`The object store refused part ${part}: ${why}.`, options);
    this.part = part;
    this.status = status;
  }
}

/** The API refused a call of the transfer for good. `cause` is the client's typed error. */
export class ApiRefusedError extends TransferError {
  readonly code = "API_REFUSED";
}

/** The service does not accept the token. */
export class NotAuthorizedError extends TransferError {
  readonly code = "NOT_AUTHORIZED";
  constructor(options?: ErrorOptions) {
    super(
      "The service does not accept the token. Check SFC_BEARER_AUTH, or get a new one.",
      options,
    );
  }
}

/** Nothing got further for as long as `retryBudgetMs`. What has arrived stays; call again to go on. */
export class NoProgressError extends TransferError {
  readonly code = "NO_PROGRESS";
  constructor(phase: TransferPhase, budgetMs: number, last: string, options?: ErrorOptions) {
    super(
      `No progress (${phase}) for ${Math.round(budgetMs / 1000)} s; the last try ended with: ${last.replace(/\.$/, "")}. ` +
        "What has arrived is kept: call again to go on.",
      options,
    );
  }
}

/** A transport's word that a request ended without an answer. The engine tries again. */
export class TransportError extends TransferError {
  readonly code = "TRANSPORT";
  /** The platform's error code, such as ECONNRESET, for the retry rules. */
  readonly reason: string;
  /** Whether the socket was a reused one that had carried nothing of this request yet. */
  readonly staleSocket: boolean;
  constructor(reason: string, staleSocket: boolean) {
    super(`The connection to the object store ended: ${reason}.`);
    this.reason = reason;
    this.staleSocket = staleSocket;
  }
}

/** The thread that makes the digest died. What has arrived stays; call again to go on. */
export class DigestFailedError extends TransferError {
  readonly code = "DIGEST_FAILED";
}

/** Every error that the engine makes, for a `switch` over `code`. */
export type AnyTransferError =
  | InvalidOptionError
  | ImageSizeError
  | SourceUnusableError
  | SourceChangedError
  | NameTakenError
  | ImageFailedError
  | CompleteRefusedError
  | UploadLostError
  | ImageGoneError
  | ImageNotFoundError
  | ImageNotReadyError
  | TransferLockedError
  | TransferNotFoundError
  | JournalCorruptError
  | JournalVersionError
  | JournalIoError
  | DiskError
  | DigestMismatchError
  | ImageDiffersError
  | ImageChangedError
  | TargetExistsError
  | TargetUnusableError
  | NotEnoughSpaceError
  | UnsafeUrlError
  | PartRefusedError
  | ApiRefusedError
  | NotAuthorizedError
  | NoProgressError
  | TransportError
  | DigestFailedError;

/** Whether an error is one of the engine's, so that a `switch` over its `code` narrows it. */
export const isTransferError = (error: unknown): error is AnyTransferError =>
  error instanceof TransferError;
