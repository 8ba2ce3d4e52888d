import { FolderObjects } from "./folder-objects.js";
import { openFolderStore } from "./folder-store.js";
import type { ImageStore } from "./image-store.js";
import { objectApi } from "./object-api.js";
import type { ObjectApi } from "./object-api.js";
import type { ResolvedOptions } from "./options.js";
import { PartWriter } from "./part-writer.js";

/** What keeps the images, and what answers the URLs of a folder; a bucket answers its own. */
export interface OpenedStore {
  readonly images: ImageStore;
  readonly objects: ObjectApi | undefined;
}

export async function openStore(options: ResolvedOptions): Promise<OpenedStore> {
  const { keptIn, fileSystem: fs, clock } = options;
  if (keptIn.in === "bucket") {
    const { openS3Store } = await import("./s3/open-s3-store.js");
    const images = await openS3Store(keptIn, options);
    // Nobody waits for it: a bucket may hold much, and what one sweep can't do the next one does.
    void images.sweep().catch(() => undefined);
    return { images, objects: undefined };
  }
  const store = await openFolderStore({ ...options, dir: keptIn.dir, fs });
  const nowSec = () => Math.floor(clock() / 1000);
  const objects = objectApi(new FolderObjects(store, new PartWriter(fs)), store.signer, nowSec);
  return { images: store, objects };
}
