import type { LockHolder, LockOptions } from "@img/files";
import { jsonLine } from "./http/failures.js";
import { FolderBytes } from "./folder/folder-bytes.js";
import type { ImageStore, SweepFailed } from "./images/image-store.js";
import { openFolderStore } from "./folder/open-folder-store.js";
import { objectApi } from "./objects/object-api.js";
import type { ObjectApi } from "./objects/object-api.js";
import type { ResolvedOptions } from "./options.js";
import { Md5Threads } from "./folder/md5-threads.js";
import { PartBuffers } from "./folder/part-buffers.js";
import { PartWriter } from "./folder/part-writer.js";

/** The store of the images, and what answers the URLs of a folder; a bucket answers its own. */
export interface OpenedStore {
  readonly images: ImageStore;
  readonly objects: ObjectApi | undefined;
  /** Resolves if another server may have the store by now. Nothing is written from then on. */
  readonly lapsed: Promise<Error>;
  /** The origins, other than the server's own, to which parts are sent. */
  readonly origins: readonly string[];
  /** Resolves when no change is running any more. */
  close(): Promise<void>;
}

/**
 * Opens the store that the options name.
 *
 * @param failed Gets the errors of what a deletion could not remove; the sweep tries again.
 */
export async function openStore(
  options: ResolvedOptions,
  failed: SweepFailed,
): Promise<OpenedStore> {
  const { keptIn, fileSystem: fs, clock } = options;
  if (keptIn.in === "bucket") {
    const { openS3Store } = await import("./s3/open-s3-store.js");
    const images = await openS3Store(keptIn, { ...options, failed });
    return {
      images,
      objects: undefined,
      lapsed: new Promise<Error>(() => undefined), // a bucket has no lock
      origins: [images.origin],
      close: () => images.close(),
    };
  }
  const store = await openFolderStore({
    ...options,
    failed,
    dir: keptIn.dir,
    fs,
    locking: lockingOf(options, keptIn.dir),
  });
  const nowSec = () => Math.floor(clock() / 1000);
  const threads = new Md5Threads();
  const writer = new PartWriter(store.fs, new PartBuffers(), threads);
  return {
    images: store,
    lapsed: store.lapsed,
    origins: [],
    objects: objectApi(new FolderBytes(store, writer), store.signer, nowSec),
    close: async () => {
      await store.close();
      await threads.close();
    },
  };
}

function lockingOf({ force, lockClock, signal, warn }: ResolvedOptions, dir: string): LockOptions {
  const onLockWatched = (holder: LockHolder | null): void => warn(watched(dir, holder));
  return { force, signal, clock: lockClock, onLockWatched };
}

function watched(dir: string, holder: LockHolder | null): string {
  const which = holder === null ? "" : ` (process ${holder.pid} on ${holder.host})`;
  const warning = `Another server${which} may still be running on ${dir}. Watching its lock for up to 90 seconds.`;
  return jsonLine({ warning });
}
