/**
 * The engine of uploads and downloads of machine images, for those who build an adapter to a platform:
 * it knows no file and no socket, only the ports. To move a file, use `uploadImage` and
 * `downloadImage` of `@img/node-fs` or `@img/browser-blob`, which are these two recipes over ports.
 *
 * `upload` and `download` are what most adapters need; the ports say what they must bring; the suites
 * of `@img/transfer/contracts` say whether they did. Error codes stay, messages may change.
 */
export type { TransferTask } from "./run/run.js";
export { Budgets } from "./run/budgets.js";
export type { Share } from "./run/share.js";
export { upload, uploadSeekable } from "./upload.js";
export type { UploadResult, UploadTask } from "./upload.js";
export { checkIdOrName, findImage } from "./service/find-image.js";
export { download, downloadedAlready, downloadStream } from "./download.js";
export type { AlreadyTask, DownloadResult, DownloadStreamTask, DownloadTask } from "./download.js";
export { uploadStream } from "./upload-stream.js";
export type { UploadStreamOptions, UploadStreamTask } from "./upload-stream.js";
export { AnswerText, BodyFilling, enoughText } from "./ports/answer-body.js";
export type { BodyMemory } from "./ports/answer-body.js";
export { streamSource } from "./ports/byte-stream.js";
export { closing } from "./promises/kept.js";
export { ReadingDigest } from "./digest/reading-digest.js";
export { SourceRequests } from "./request/source-requests.js";
export type { Moving } from "./request/source-requests.js";
export { storeFailure } from "./request/lane-request.js";
export type { Outcome } from "./request/persist.js";
export { ListEnd } from "./service/list-end.js";
export { loaded } from "./errors/loaded.js";
export { kept, untilAborted } from "./promises/kept.js";
export { verify } from "./verify.js";
export type { VerifyResult, VerifyTask } from "./verify.js";
export { describeJournal, forgetTransfer, isStale, leftOut, staleAfterSec } from "./unfinished.js";
export type { UnfinishedTransfer } from "./unfinished.js";
export type { BudgetOptions } from "./budget-options.js";
export type { DownloadOptions, TransferOptions, UploadOptions, VerifyOptions } from "./options.js";
export type { ArrivedPart, TransferEvent } from "./events.js";
export type { Limit, Outage, TransferPhase, TransferProgress } from "./progress.js";
export { limits, MiB, partBytesFor, planParts } from "./plan.js";
export type { Part } from "./plan.js";
export { crc32 } from "./crc32.js";
export { checkSha256 } from "./option-checks.js";
export { checkWorkspace, workspaceOf } from "./workspace.js";
export { forgetJournal } from "./journal/journal.js";
export { readJournal } from "./journal/read-journal.js";
export type { Transfer } from "./journal/state.js";
export type { Receipt } from "./journal/record.js";
export type {
  AnswerHead,
  AnySource,
  Clock,
  Digest,
  DigestSaving,
  GetAnswer,
  GetRequest,
  Identity,
  JournalFile,
  JournalKey,
  JournalStore,
  KnownLinks,
  LearnedLink,
  LinkDirection,
  LockHolder,
  PartHash,
  PartTransport,
  Platform,
  PutAnswer,
  PutRequest,
  Reading,
  SavedDigest,
  SequentialSource,
  Sink,
  SinkSize,
  Source,
  StoredJournal,
  TracedCall,
  TracedPart,
  TracedPiece,
  StreamSink,
  StreamSource,
} from "./ports.js";
// The one list of them is the module itself: it has nothing else.
export * from "./errors.js";
