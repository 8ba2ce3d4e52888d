import { join } from "node:path";
import type { FileSystem } from "@img/files";
import { isCompleted, isOpen } from "../images/image.js";
import { ImageFolder } from "./image-folder.js";
import { partCountOf } from "./manifest.js";
import type { FoundImage } from "./stored-image.js";

/** How many images are read at the same time; more are not faster (measured). */
const AT_ONCE = 32;

/**
 * Reads all images, and removes files that a crash has left and no image refers to. What a killed process wrote
 * may not be durable yet, so it is synced before it is used.
 *
 * @returns All images, deleted ones too, oldest first.
 */
export async function loadImages(
  fs: FileSystem,
  imagesDir: string,
): Promise<readonly FoundImage[]> {
  await fs.syncDir(imagesDir);
  const found: FoundImage[] = [];
  const ids = (await fs.readdir(imagesDir)).values();
  let failure: { readonly error: unknown } | undefined;
  const load = async () => {
    for (const id of ids) {
      if (failure !== undefined) return;
      const image = await loadImage(new ImageFolder(fs, join(imagesDir, id)));
      if (image) found.push(image);
    }
  };
  // Waits for all, even if one fails, so that nothing changes after the start has failed.
  const loads = Array.from({ length: AT_ONCE }, () =>
    load().catch((error: unknown) => (failure ??= { error })),
  );
  await Promise.all(loads);
  if (failure !== undefined) throw failure.error;
  return found.sort((a, b) => a.record.order - b.record.order);
}

async function loadImage(folder: ImageFolder): Promise<FoundImage | undefined> {
  await folder.sync();
  const record = await folder.readRecord();
  if (record === undefined) {
    await folder.removeDurably();
    return undefined;
  }
  const createdMs = record.createdAtSec * 1000;
  if (isOpen(record)) {
    const { parts, lastPartMs } = await folder.readParts();
    return { record, folder, parts, activeMs: Math.max(createdMs, lastPartMs) };
  }
  if (isCompleted(record) && !record.deleted) {
    await folder.removeStrays(partCountOf(record.state.etag));
  } else if (!record.deleted) await folder.removeBytes();
  return { record, folder, parts: new Map(), activeMs: createdMs };
}
