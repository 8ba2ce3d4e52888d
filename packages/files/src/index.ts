/**
 * The file code that `@img/node-fs` and `@img/local-server` share: the port through which they change the disk,
 * files that are replaced atomically, and the lock. Internal: any version may change any name.
 */
export {
  hasCode,
  isLinkRefused,
  readFully,
  unlessMissing,
  writeFully,
  type FileStat,
  type FileSystem,
  type OpenFile,
} from "./file-system.js";
export { longestFileIn, type LongestFile } from "./longest-file.js";
export { mostBytesAtOnce, realFileSystem } from "./disk.js";
export {
  NotAFileError,
  openRegular,
  readWhole,
  whatItIs,
  type RegularFile,
} from "./regular-file.js";
export {
  ensureFolder,
  readText,
  removeIfPossible,
  removeIfThere,
  removeUnfinished,
  sweepBeside,
  unfinishedName,
  writeAtomically,
} from "./atomic-file.js";
export { realProcesses, type LockHolder, type Processes } from "./lock-holder.js";
export { LockedError, LockLostError } from "./lock-errors.js";
export { lockClock, type LockClock } from "./lock-clock.js";
export { lockHolder, takeLock, type Lock, type LockOptions } from "./lock.js";
