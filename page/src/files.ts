/** Files and handles, as far as the browser has them. */
import { UrlFile } from "@img/browser-blob";
import { privateTarget } from "./downloads-folder.js";
import { element } from "./element.js";

interface Picking {
  showOpenFilePicker?(options: { multiple: boolean }): Promise<FileSystemFileHandle[]>;
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
}
const picking = window as unknown as Picking;

interface AskedHandle {
  queryPermission?(descriptor: { mode: "read" | "readwrite" }): Promise<PermissionState>;
  requestPermission?(descriptor: { mode: "read" | "readwrite" }): Promise<PermissionState>;
}

export type Chosen = File | FileSystemFileHandle | UrlFile;

/** Whether a file's name is a URL, as that of a `UrlFile` is. */
export const isUrl = (name: string): boolean => /^https?:\/\//.test(name);

/** Returns the file's name; for a file at a URL, the last part of its path. */
export const fileNameOf = (chosen: Chosen): string =>
  chosen instanceof UrlFile ? chosen.fileName : chosen.name;

/** Whether the image is a snapshot of a file, which has to be chosen or opened again after a change. */
export const isOpened = (image: Chosen | null): image is File | UrlFile =>
  image instanceof Blob || image instanceof UrlFile;

/** Whether the browser lets the page write to a file that the user chooses. */
export const canPickTarget = (): boolean => picking.showSaveFilePicker !== undefined;

/**
 * Asks for files. Returns none if the user cancels, and handles if the browser has them, so that a resume needs no
 * dialog.
 */
export async function chooseFiles(multiple: boolean): Promise<readonly Chosen[]> {
  if (!picking.showOpenFilePicker) return chooseByInput(multiple);
  return (await unlessCancelled(picking.showOpenFilePicker({ multiple }))) ?? [];
}

/** Uses a new input for each dialog, so that a cancelled dialog cannot affect the next one. */
function chooseByInput(multiple: boolean): Promise<readonly File[]> {
  const input = element("input", { type: "file", multiple, hidden: true, "data-choosing": true });
  document.querySelector("[data-choosing]")?.remove();
  document.body.append(input);
  return new Promise((resolve) => {
    const end = (): void => {
      resolve([...(input.files ?? [])]);
      input.remove();
    };
    input.addEventListener("change", end);
    input.addEventListener("cancel", end);
    input.click();
  });
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

/** What the user dropped. */
export interface Dropped {
  readonly files: readonly Chosen[];
  /** Names of folders, which cannot be uploaded. */
  readonly folders: readonly string[];
}

interface DropItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
  webkitGetAsEntry?(): { readonly isDirectory: boolean; readonly name: string } | null;
}

/** Returns the dropped files, as handles if the browser has them. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped> {
  const folders: string[] = [];
  // All items are read now, because they are gone after the event.
  const found = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map(async (item): Promise<Chosen | null> => {
      const file = item.getAsFile();
      const entry = (item as DropItem).webkitGetAsEntry?.();
      if (entry?.isDirectory === true) {
        folders.push(entry.name);
        return null;
      }
      const handle = await (item as DropItem).getAsFileSystemHandle?.().catch(() => null);
      return handle?.kind === "file" ? (handle as FileSystemFileHandle) : file;
    });
  const files = (await Promise.all(found)).filter((one) => one !== null);
  return { files, folders };
}

/** Whether the page may use a handle. Asks the user if the browser has forgotten the answer; call it at a click. */
export async function mayUse(
  handle: FileSystemFileHandle,
  mode: "read" | "readwrite",
): Promise<boolean> {
  const asked = handle as AskedHandle;
  const state = await asked.queryPermission?.({ mode });
  if (state === "prompt") return (await asked.requestPermission?.({ mode })) === "granted";
  return state !== "denied"; // undefined: this browser does not ask
}
