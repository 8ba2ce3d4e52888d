import { join } from "node:path";
import { ensureFolder, removeUnfinished } from "./atomic-file.js";
import { hasCode } from "./file-system.js";
import { loadIndex } from "./folder-index.js";
import { lockFolder } from "./folder-lock.js";
import { FolderStore } from "./folder-store.js";
import type { FolderStoreSettings } from "./folder-store-settings.js";
import { systemProcesses } from "./lock-holder.js";
import { readOrMakeKey } from "./presign.js";

/** The folder can't be made or written to. The message says why; `cause` is what the system said. */
export class FolderUnusableError extends Error {
  override readonly name = "FolderUnusableError";
  /** For a `switch`; it stays from version to version. */
  readonly code = "FOLDER_UNUSABLE";

  constructor(dir: string, why: string, options?: ErrorOptions) {
    super(`${dir} can't be used to keep images: ${why}.`, options);
  }
}

/**
 * Opens a folder, making it where it is not there, and reads all images back. `close()` it.
 *
 * @throws {StoreLockedError} Another live process serves it.
 * @throws {FolderUnusableError} It can't be made or written to.
 */
export async function openFolderStore(settings: FolderStoreSettings): Promise<FolderStore> {
  const { fs, dir } = settings;
  const unlock = await makeAndLock(settings).catch((error: unknown) => {
    const [, why] = reasons.find(([codes]) => hasCode(error, ...codes)) ?? [];
    throw why === undefined ? error : new FolderUnusableError(dir, why, { cause: error });
  });
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

async function makeAndLock({
  fs,
  dir,
  processes = systemProcesses,
}: FolderStoreSettings): Promise<() => Promise<void>> {
  await ensureFolder(fs, join(dir, "images"));
  return lockFolder(fs, dir, processes);
}

const reasons: readonly (readonly [codes: readonly string[], why: string])[] = [
  [["ENOTDIR", "EEXIST"], "a file stands where a folder has to be"],
  [["EACCES", "EPERM"], "this user may not write there"],
  [["EROFS"], "the disk is read-only"],
  [["ENOENT"], "a folder can't be made there"],
];
