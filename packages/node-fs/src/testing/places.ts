import type { LockSubject, SinkSubject } from "@img/transfer/contracts";
import { openFileSink, type FileSink } from "../files/file-sink.js";
import { readWhole, writeFully, type FileSystem } from "../files/file-system.js";
import { unlessMissing } from "../journals/lock-file.js";
import { realProcesses, type Processes } from "../journals/lock-holder.js";
import { takeLock } from "../journals/lock.js";

/** A download's target on this file system, for the contract of sinks. */
export function sinkPlace(
  fs: FileSystem,
  target: string,
  remove: () => Promise<void> = async () => undefined,
): SinkSubject {
  const opened: FileSink[] = [];
  return {
    open: async () => {
      const sink = await openFileSink(target, { overwrite: false, sparse: true }, fs);
      opened.push(sink);
      return sink;
    },
    target: () => readWhole(fs, target).catch(unlessMissing),
    occupy: async () => {
      const file = await fs.open(target, "create");
      await writeFully(file, new Uint8Array([1, 2, 3]), 0);
      await file.close();
    },
    close: async () => {
      for (const sink of opened) await sink.close();
      await remove();
    },
  };
}

/** A lock on this file system, for the contract of locks. */
export function lockPlace(
  fs: FileSystem,
  path: string,
  remove: () => Promise<void> = async () => undefined,
  processes: Processes = realProcesses,
): LockSubject {
  return {
    take: ({ force }) => takeLock(fs, path, { force, processes }),
    close: remove,
  };
}
