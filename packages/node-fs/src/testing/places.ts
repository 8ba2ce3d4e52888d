import type { LockSubject, SinkSubject } from "@img/transfer/contracts";
import { openFileSink, type FileSink } from "../files/file-sink.js";
import {
  readWhole,
  takeLock,
  unlessMissing,
  writeFully,
  type FileSystem,
  type LockOptions,
} from "@img/files";
import { telling } from "../journals/file-journal.js";

const sinkRules = { overwrite: false, sparse: true, requireSpace: true };

/** A download's target on this file system, for the contract of sinks. */
export function sinkPlace(
  fs: FileSystem,
  target: string,
  remove: () => Promise<void> = async () => undefined,
): SinkSubject {
  const opened: FileSink[] = [];
  return {
    open: async () => {
      const sink = await openFileSink(target, sinkRules, fs);
      await makeLock(fs, `${sink.partPath}.lock`);
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

/** Makes the lock that the journal beside a part file makes: the part file is compared with it. */
async function makeLock(fs: FileSystem, path: string): Promise<void> {
  if ((await fs.lstat(path).catch(unlessMissing)) !== null) return;
  await (await fs.open(path, "create")).close();
}

/** A lock on this file system, for the contract of locks. */
export function lockPlace(
  fs: FileSystem,
  path: string,
  remove: () => Promise<void> = async () => undefined,
  machine: LockOptions = {},
): LockSubject {
  const told = <Result>(work: () => Promise<Result>) => telling(path, work);
  return {
    take: async ({ force }) => {
      const lock = await told(() => takeLock(fs, path, { ...machine, force }));
      return { check: () => told(() => lock.check()), release: () => lock.release() };
    },
    close: remove,
  };
}
