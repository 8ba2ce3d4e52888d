/**
 * Uploads and downloads of machine images on Node. `uploadImage(path)` and `downloadImage(idOrName,
 * path)` are what most people want: each returns the finished image or throws an error with a `code`,
 * and the same call again continues where the last one ended. Pausing is aborting the `signal`.
 *
 * Error codes, options and the journal's format stay compatible; messages may change.
 */
export { createTransfers } from "./create-transfers.js";
export type { SharedOptions, Transfers } from "./create-transfers.js";
export { upload, uploadImage, uploadSource, uploadStream } from "./upload.js";
export type {
  UploadFromStreamOptions,
  UploadImageOptions,
  UploadInput,
  UploadSourceOptions,
} from "./upload.js";
export { download, downloadImage, downloadStream } from "./download.js";
export type { DownloadImageOptions, DownloadOutput, DownloadToStreamOptions } from "./download.js";
export type { ServiceOptions } from "./client.js";
export { checkImage } from "./check-image.js";
export type { CheckImageOptions, CheckOptions, ImageCheck } from "./check-image.js";
export type { Finding } from "@img/disk-formats/check";
export type { LowSpace } from "./files/room.js";
export { verifyImage } from "./verify-image.js";
export type { VerifyImageOptions } from "./verify-image.js";
export { convertImage } from "./convert-image.js";
export type { ConvertImageOptions, ConvertProgress, ConvertResult } from "./convert-image.js";
export { apiFetch } from "./http/api-fetch.js";
export { forgetUpload, listTransfers, resumeUpload } from "./transfers.js";
export type { ByteStream } from "./files/byte-streams.js";
export type { ForgetOptions, ResumeUploadOptions, TransfersOptions } from "./transfers.js";
export { isStale, staleAfterSec } from "@img/transfer";
export { stateDirOfUser } from "./journals/state-dir.js";
export type { StateDirOptions } from "./journals/state-dir.js";
export { fileJournals, journalBeside } from "./journals/journal-store.js";
export type { JournalOptions } from "./journals/journal-store.js";
export { openDiskSource } from "./files/disk-source.js";
export type { DiskSource, OpenDiskSourceOptions } from "./files/disk-source.js";
export { readUrlText } from "./web/web-text.js";
export type { ReadUrlTextOptions } from "./web/web-text.js";
export { openUrlImage, openUrlSource } from "./web/url-source.js";
export type { OpenUrlOptions, UrlSource } from "./web/url-source.js";
export { openImageSource } from "./files/image-source.js";
export type { ImageFormat, OpenImageSourceOptions } from "./files/image-source.js";
export type { CompressedSource, UnpackedSource } from "./compressed/compressed-source.js";
export type { CompressedUrlSource } from "./web/compressed-url.js";
export type { Compression } from "./compressed/compression.js";
export { openFileSource } from "./files/file-source.js";
export type { FileSource } from "./files/file-source.js";
export type { ThreadOptions } from "./threads/thread-options.js";
export { nodePlatform } from "./platform.js";
export type { CallTrace, PartTrace, TransferTrace } from "./tracing.js";
export type { Disk, DiskDescription, DiskFormat, DiskRun } from "@img/disk-formats";
export { Sfc } from "@img/core";
export { SfcCore } from "@img/core/core.js";
export type { SDKOptions } from "@img/core";
export type { ImageListEntry, ImageUploadResponse, ImageUploadStatus } from "@img/core/models";
export type {
  AnswerHead,
  BodyMemory,
  ArrivedPart,
  Clock,
  Digest,
  DigestSaving,
  DownloadOptions,
  DownloadResult,
  GetAnswer,
  GetRequest,
  Identity,
  JournalFile,
  JournalKey,
  JournalStore,
  Limit,
  LockHolder,
  Outage,
  PartHash,
  PartTransport,
  Platform,
  PutAnswer,
  PutRequest,
  Reading,
  SavedDigest,
  SequentialSource,
  Source,
  StoredJournal,
  TracedCall,
  TracedPart,
  TracedPiece,
  TransferEvent,
  TransferOptions,
  TransferPhase,
  TransferProgress,
  UnfinishedTransfer,
  UploadOptions,
  UploadResult,
  VerifyOptions,
  VerifyResult,
} from "@img/transfer";
// The one list of them is the module itself: it has nothing else.
export * from "@img/transfer/errors";
export {
  DiskFormatError,
  FormatDamagedError,
  FormatMismatchError,
  FormatUnsupportedError,
} from "@img/disk-formats/errors";
