import type { FileSystem } from "@img/files";
import { kept } from "@img/transfer";

/** The syncs of one folder. */
interface Syncs {
  running: Promise<void>;
  /** Begins when the running one has ended, for all callers that came meanwhile. */
  next: Promise<void> | null;
}

/** A file system in which callers that wait for the sync of the same folder share one. */
export function sharedFolderSyncs(fs: FileSystem): FileSystem {
  const folders = new Map<string, Syncs>();
  const start = (path: string): Promise<void> => {
    const running = kept(fs.syncDir(path));
    const syncs: Syncs = { running, next: null };
    folders.set(path, syncs);
    const end = (): void => {
      if (folders.get(path) === syncs && syncs.next === null) folders.delete(path);
    };
    running.then(end, end);
    return running;
  };
  return {
    ...fs,
    syncDir: (path) => {
      const syncs = folders.get(path);
      if (syncs === undefined) return start(path);
      // The running one may have begun before the caller's change.
      const again = (): Promise<void> => start(path);
      return (syncs.next ??= kept(syncs.running.then(again, again)));
    },
  };
}
