/**
 * The Images API and its object store on your own machine, for development, tests and demos: `startServer`
 * is all that most people want.
 *
 * ```ts
 * const server = await startServer({ dir: "./images", port: 0 });
 * console.log(server.url, server.token);
 * await server.close();
 * ```
 *
 * It answers as the Images API does, keeps every image across a restart and a `kill -9`, and can be told to
 * misbehave (`server.faults`). Names listed here stay; what is in the folder is read by later versions.
 */
export { startServer } from "./server.js";
export type { Server } from "./server.js";
export { InvalidOptionError } from "./invalid-option.js";
export { accountNamePattern, tokenPattern, type Account } from "./api/accounts.js";
export type { ServerOptions } from "./options.js";
export type { S3Options } from "./s3/options.js";
export {
  BucketUnusableError,
  ConditionalWritesError,
  SdkMissingError,
  StoreUnfitError,
} from "./s3/store-errors.js";
export { StoreLockedError, StoreLockLostError } from "./folder/store-lock.js";
export { FolderUnusableError } from "./folder/open-folder-store.js";
export type {
  AddedFault,
  AnswerFault,
  Fault,
  FaultKind,
  Faults,
  SeenRequest,
} from "./faults/faults.js";
export {
  addChaos,
  ChaosFileError,
  parseChaos,
  type Chaos,
  type ChaosFault,
} from "./faults/chaos.js";
export type { Operation } from "./http/call.js";
export type { FileSystem, LockClock, OpenFile } from "@img/files";
