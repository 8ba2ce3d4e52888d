/**
 * Every error that the engine makes, one class for each thing that a caller can act on; each stands with
 * those that the same one can mend.
 */
import {
  CheckFailedError,
  ImageSizeError,
  InvalidOptionError,
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
import { TransferError } from "./errors/transfer-error.js";

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
  ScriptNotLoadedError,
  SourceChangedError,
  SourceUnusableError,
  TargetExistsError,
  TargetUnusableError,
  TransferLockedError,
  TransferNotFoundError,
  TransportError,
  UnsafeUrlError,
  UploadLostError,
  WrongAnswerError,
};

/** Every error that the engine makes, for a `switch` over `code`. */
export type AnyTransferError =
  | InvalidOptionError
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
  | ScriptNotLoadedError;

/** Whether an error is one of the engine's, so that a `switch` over its `code` narrows it. */
export const isTransferError = (error: unknown): error is AnyTransferError =>
  error instanceof TransferError;
