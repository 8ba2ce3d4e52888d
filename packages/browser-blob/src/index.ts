/**
 * Uploads and downloads of machine images in a page. `uploadImage(file, options)` and `downloadImage(
 * idOrName, target, options)` are what most people want: each returns the finished image or throws an
 * error with a `code`, and the same call again resumes where the last one ended, in any tab.
 * `upload` and `download` are the same for streams, URLs and sources too.
 * Pausing is aborting the `signal`. `listTransfers()` lists what can be resumed.
 *
 * Error codes, options and the journal's format stay compatible; messages may change.
 */
export { uploadImage } from "./upload-image.js";
export type { UploadImageOptions } from "./upload-image.js";
export { upload } from "./upload.js";
export type { UploadInput } from "./upload.js";
export { inspectImage } from "./inspect-image.js";
export type { InspectedImage } from "./inspect-image.js";
export type { DiskDescription } from "@img/disk-formats";
export type { Finding } from "@img/disk-formats/check";
export { openUrl } from "./open-url.js";
export type { OpenUrlOptions } from "./open-url.js";
export type { ImageFile } from "./open-source.js";
export { UrlFile } from "./url-file.js";
export { downloadImage } from "./download-image.js";
export type { DownloadImageOptions } from "./download-image.js";
export { download } from "./download.js";
export type { DownloadOutput } from "./download.js";
export { forgetDownload, forgetUpload, listTransfers } from "./transfers.js";
export type { ForgetOptions, ForgetUploadOptions, PageTransfer } from "./transfers.js";
export { Sfc } from "@img/core";
export { SfcCore } from "@img/core/core.js";
export type { SDKOptions } from "@img/core";
export type { ImageListEntry, ImageUploadResponse, ImageUploadStatus } from "@img/core/models";
export type {
  ArrivedPart,
  DownloadOptions,
  DownloadResult,
  Identity,
  JournalKey,
  Limit,
  LockHolder,
  Outage,
  Source,
  TransferEvent,
  TransferOptions,
  TransferPhase,
  TransferProgress,
  UnfinishedTransfer,
  UploadOptions,
  UploadResult,
} from "@img/transfer";
// The one list of them is the module itself: it has nothing else.
export * from "@img/transfer/errors";
export {
  DiskFormatError,
  FormatDamagedError,
  FormatMismatchError,
  FormatUnsupportedError,
} from "@img/disk-formats/errors";
