/**
 * Every error that the engine makes, one class for each thing that a caller can act on; each stands with
 * those that the same one can mend.
 */
import {
  CheckFailedError,
  ImageSizeError,
  InvalidOptionError,
  RuntimeUnsupportedError,
  SourceChangedError,
  SourceUnusableError,
} from "./errors/caller.js";
import {
  CompleteRefusedError,
  DigestMismatchError,
  ImageChangedError,
  ImageDiffersError,
  ImageFailedError,
  ImageGoneError,
  ImageNotFoundError,
  ImageNotReadyError,
  NameTakenError,
  UploadLostError,
} from "./errors/image.js";
export type { KnownAs } from "./errors/image.js";
import {
  JournalCorruptError,
  JournalGoneError,
  JournalIoError,
  JournalVersionError,
  TransferLockedError,
  TransferNotFoundError,
} from "./errors/journal.js";
import {
  DigestFailedError,
  DiskError,
  NotEnoughSpaceError,
  ScriptNotLoadedError,
  TargetExistsError,
  TargetUnusableError,
} from "./errors/disk.js";
import {
  ApiRefusedError,
  NoProgressError,
  NotAuthorizedError,
  PartRefusedError,
  TransportError,
  UnsafeUrlError,
  WrongAnswerError,
} from "./errors/service.js";
import { isBranded, TransferError, type TransferErrorOptions } from "./errors/transfer-error.js";

export {
  ApiRefusedError,
  CompleteRefusedError,
  DigestFailedError,
  DigestMismatchError,
  DiskError,
  ImageChangedError,
  ImageDiffersError,
  ImageFailedError,
  ImageGoneError,
  ImageNotFoundError,
  ImageNotReadyError,
  CheckFailedError,
  ImageSizeError,
  InvalidOptionError,
  JournalCorruptError,
  JournalGoneError,
  JournalIoError,
  JournalVersionError,
  NameTakenError,
  NoProgressError,
  NotAuthorizedError,
  NotEnoughSpaceError,
  PartRefusedError,
  RuntimeUnsupportedError,
  ScriptNotLoadedError,
  SourceChangedError,
  SourceUnusableError,
  TargetExistsError,
  TargetUnusableError,
  TransferError,
  TransferLockedError,
  TransferNotFoundError,
  TransportError,
  UnsafeUrlError,
  UploadLostError,
  WrongAnswerError,
};
export type { TransferErrorOptions };

/** Every error that the engine makes, for a `switch` over `code`. */
export type AnyTransferError =
  | InvalidOptionError
  | RuntimeUnsupportedError
  | CheckFailedError
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
  | JournalGoneError
  | JournalIoError
  | DiskError
  | DigestMismatchError
  | ImageDiffersError
  | ImageChangedError
  | TargetExistsError
  | TargetUnusableError
  | NotEnoughSpaceError
  | UnsafeUrlError
  | WrongAnswerError
  | PartRefusedError
  | ApiRefusedError
  | NotAuthorizedError
  | NoProgressError
  | TransportError
  | DigestFailedError
  | ScriptNotLoadedError
  | DiskImageError;

/** An error about what a disk image says. Its classes are of `@img/disk-formats`, which knows no transfers. */
export interface DiskImageError extends Error {
  /** What went wrong. */
  readonly code: "FORMAT_DAMAGED" | "FORMAT_UNSUPPORTED" | "FORMAT_MISMATCH";
  /** What happened and why. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string | undefined;
  /** The format that the file was read as, such as "qcow2". */
  readonly format: string;
}

/**
 * Whether an error is one of a transfer's, so that a `switch` over its `code` narrows it. True for errors of every
 * installed copy of the packages. False for the reason of a signal, and for bugs.
 */
export const isTransferError = (error: unknown): error is AnyTransferError => isBranded(error);
