/**
 * Downloads in the browser's own storage, for browsers in which a page cannot write to a file that the user
 * chooses.
 */

const folderName = "downloads";

interface IterableFolder {
  values(): AsyncIterable<FileSystemHandle>;
}

/** A finished download that the user has not saved. */
export interface KeptDownload {
  readonly name: string;
  readonly target: FileSystemFileHandle;
  readonly sizeBytes: number;
}

/** Returns the file for a download of this name. */
export async function privateTarget(name: string): Promise<FileSystemFileHandle> {
  return (await downloadsFolder()).getFileHandle(name, { create: true });
}

async function downloadsFolder(): Promise<FileSystemDirectoryHandle> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(folderName, { create: true });
  } catch (cause) {
    throw new Error(
      "This window cannot download images: it has no private file system, in which a download is kept until " +
        "it is verified. Private windows of some browsers have none. Use a normal window or another browser.",
      { cause },
    );
  }
}

/** Lists all downloads that are kept. An empty file belongs to a download that is still running. */
export async function keptDownloads(): Promise<readonly KeptDownload[]> {
  const kept: KeptDownload[] = [];
  const folder = await downloadsFolder().catch(() => null);
  if (folder === null) return kept;
  for await (const entry of (folder as unknown as IterableFolder).values()) {
    if (entry.kind !== "file") continue;
    const target = entry as FileSystemFileHandle;
    const { size } = await target.getFile();
    if (size > 0) kept.push({ name: entry.name, target, sizeBytes: size });
  }
  return kept;
}

/** Lets the browser save a file from its private storage to the user's disk. */
export async function saveToDisk(handle: FileSystemFileHandle): Promise<void> {
  const url = URL.createObjectURL(await handle.getFile());
  const link = document.createElement("a");
  link.href = url;
  link.download = handle.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Deletes a download. Idempotent. */
export async function deletePrivate(name: string): Promise<void> {
  await (await downloadsFolder()).removeEntry(name).catch(() => undefined); // it was never created
}
