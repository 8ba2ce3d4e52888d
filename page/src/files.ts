/** Files and handles, as far as the browser has them. */

interface Picking {
  showOpenFilePicker?(options: { multiple: boolean }): Promise<FileSystemFileHandle[]>;
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
}
const picking = window as unknown as Picking;

interface AskedHandle {
  queryPermission?(descriptor: { mode: "read" | "readwrite" }): Promise<PermissionState>;
  requestPermission?(descriptor: { mode: "read" | "readwrite" }): Promise<PermissionState>;
}

export type Chosen = File | FileSystemFileHandle;

/** Whether the browser lets the page write to a file of the user's choice. */
export const canPickTarget = (): boolean => picking.showSaveFilePicker !== undefined;

/** Handles where the browser gives them, so that a resume needs no file dialog. */
export async function chooseFiles(input: HTMLInputElement): Promise<readonly Chosen[]> {
  if (picking.showOpenFilePicker) {
    return (await unlessCancelled(picking.showOpenFilePicker({ multiple: true }))) ?? [];
  }
  input.click();
  return []; // its "change" tells
}

export const pickTarget = (suggestedName: string): Promise<FileSystemFileHandle | null> =>
  picking.showSaveFilePicker
    ? unlessCancelled(picking.showSaveFilePicker({ suggestedName }))
    : privateTarget(suggestedName);

async function unlessCancelled<T>(picked: Promise<T>): Promise<T | null> {
  try {
    return await picked;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

const folderName = "downloads";

/** Where downloads stand in browsers that let no page write to the disk; from there the user saves them. */
async function privateTarget(name: string): Promise<FileSystemFileHandle> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(folderName, { create: true });
  return folder.getFileHandle(name, { create: true });
}

/** Has the browser save a file of its private storage as a download of its own. */
export async function saveToDisk(handle: FileSystemFileHandle): Promise<void> {
  const url = URL.createObjectURL(await handle.getFile());
  const link = document.createElement("a");
  link.href = url;
  link.download = handle.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export async function deletePrivate(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(folderName, { create: true });
  await folder.removeEntry(name).catch(() => undefined); // it was never made
}

/** Everything that was dropped: a handle of each where there is one. Folders are left out. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly Chosen[]> {
  interface HandleItem {
    getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
  }
  // All of it is asked for at once: after the event nothing is there any more.
  const found = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map(async (item): Promise<Chosen | null> => {
      const file = item.getAsFile();
      const handle = await (item as HandleItem).getAsFileSystemHandle?.().catch(() => null);
      if (handle?.kind === "directory") return null;
      return handle?.kind === "file" ? (handle as FileSystemFileHandle) : file;
    });
  return (await Promise.all(found)).filter((one) => one !== null);
}

/** At a click: asks the user where the browser has forgotten the answer. */
export async function mayUse(
  handle: FileSystemFileHandle,
  mode: "read" | "readwrite",
): Promise<boolean> {
  const asked = handle as AskedHandle;
  const state = await asked.queryPermission?.({ mode });
  if (state === "prompt") return (await asked.requestPermission?.({ mode })) === "granted";
  return state !== "denied"; // undefined: a browser that has no such question
}
