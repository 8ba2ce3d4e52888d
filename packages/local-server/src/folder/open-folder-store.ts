import { join } from "node:path";
import { ensureFolder, hasCode, NotAFileError, removeUnfinished, type Lock } from "@img/files";
import { loadImages } from "./load-images.js";
import { DeletedImages } from "./deleted-images.js";
import { Reserve } from "./reserve.js";
import { lockFolder, StoreLockLostError } from "./store-lock.js";
import { FolderStore } from "./folder-store.js";
import type { FolderStoreSettings } from "./settings.js";
import { lockedFileSystem } from "./locked-file-system.js";
import { keyFault, readOrMakeKey } from "./url-key.js";

/** The folder cannot be created or written to. The message says why; `cause` is the system's error. */
export class FolderUnusableError extends Error {
  override readonly name = "FolderUnusableError";
  /** The code, for a `switch`; it never changes. */
  readonly code = "FOLDER_UNUSABLE";

  constructor(dir: string, why: string, options?: ErrorOptions) {
    super(`${dir} can't be used to keep images: ${why}.`, options);
  }
}

/**
 * Opens a folder, which is created if missing, and reads all images. `close()` it.
 *
 * @throws {StoreLockedError} Another live process serves it.
 * @throws {FolderUnusableError} It cannot be created or written to, or its signing key is not a secret.
 */
export async function openFolderStore(settings: FolderStoreSettings): Promise<FolderStore> {
  const { dir } = settings;
  let onLapse: (error: Error) => void = () => undefined;
  const lapsed = new Promise<Error>((resolve) => {
    onLapse = (cause) => resolve(new StoreLockLostError(dir, { cause }));
  });
  const lock = await makeAndLock(settings, onLapse).catch((error: unknown) => {
    throw inWords(dir, error);
  });
  try {
    const fs = lockedFileSystem(settings.fs, lock);
    await removeUnfinished(fs, dir);
    const fault = await keyFault(fs, dir);
    if (fault !== undefined) throw new FolderUnusableError(dir, fault);
    const key = await readOrMakeKey(fs, dir);
    const deleted = new DeletedImages(fs, dir);
    await deleted.read(settings.failed);
    const found = await loadImages(fs, join(dir, "images"));
    const reserve = new Reserve(fs, dir, settings.reserveBytes);
    await reserve.restore();
    return new FolderStore({ ...settings, fs }, { found, deleted, reserve, key, lock, lapsed });
  } catch (error) {
    await lock.release().catch(() => undefined);
    throw error;
  }
}

async function makeAndLock(
  { fs, dir, locking, reserveBytes }: FolderStoreSettings,
  onLapse: (error: Error) => void,
): Promise<Lock> {
  await ensureFolder(fs, join(dir, "images"), 0o700);
  return new Reserve(fs, dir, reserveBytes).spend(() =>
    lockFolder(fs, dir, { ...locking, onLapse }),
  );
}

function inWords(dir: string, error: unknown): unknown {
  const [, why] = reasons.find(([codes]) => hasCode(error, ...codes)) ?? [];
  if (why !== undefined) return new FolderUnusableError(dir, why, { cause: error });
  if (!(error instanceof NotAFileError)) return error;
  return new FolderUnusableError(dir, error.message.replace(/\.$/, ""), { cause: error });
}

const reasons: readonly (readonly [codes: readonly string[], why: string])[] = [
  [["ENOTDIR", "EEXIST"], "there is a file in place of a folder"],
  [["EACCES", "EPERM"], "this user may not write there"],
  [["EROFS"], "the disk is read-only"],
  [["ENOENT"], "a folder cannot be created there"],
];
