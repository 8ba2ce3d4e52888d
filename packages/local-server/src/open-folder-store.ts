import { join } from "node:path";
import { ensureFolder, removeUnfinished } from "./atomic-file.js";
import { loadIndex } from "./folder-index.js";
import { lockFolder } from "./folder-lock.js";
import { FolderStore } from "./folder-store.js";
import type { FolderStoreSettings } from "./folder-store.js";
import { systemProcesses } from "./lock-holder.js";
import { readOrMakeKey } from "./presign.js";

/**
 * Opens a folder, making it where it is not there, and reads all images back. `close()` it.
 *
 * @throws {StoreLockedError} Another live process serves it.
 */
export async function openFolderStore(settings: FolderStoreSettings): Promise<FolderStore> {
  const { fs, dir } = settings;
  await ensureFolder(fs, join(dir, "images"));
  const unlock = await lockFolder(fs, dir, settings.processes ?? systemProcesses);
  try {
    await removeUnfinished(fs, dir);
    const key = await readOrMakeKey(fs, dir);
    const index = await loadIndex(fs, join(dir, "images"));
    return new FolderStore(settings, { index, key, unlock });
  } catch (error) {
    await unlock().catch(() => undefined);
    throw error;
  }
}
