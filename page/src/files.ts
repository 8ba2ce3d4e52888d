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

/** Whether a name is a URL's, as that of a `UrlFile`. */
export const isUrl = (name: string): boolean => /^https?:\/\//.test(name);

/** The file's name, where it is at a URL the last part of that. */
export const fileNameOf = (chosen: Chosen): string =>
  chosen instanceof UrlFile ? chosen.fileName : chosen.name;

/** Whether a file was opened once, so that a change of it can be met only by opening it again. */
export const isOpened = (image: Chosen | null): image is File | UrlFile =>
  image instanceof Blob || image instanceof UrlFile;

/** Whether the browser lets the page write to a file of the user's choice. */
export const canPickTarget = (): boolean => picking.showSaveFilePicker !== undefined;

/** Asks for files; none if the user cancels. Handles where the browser gives them, so that a resume needs no dialog. */
export async function chooseFiles(multiple: boolean): Promise<readonly Chosen[]> {
  if (!picking.showOpenFilePicker) return chooseByInput(multiple);
  return (await unlessCancelled(picking.showOpenFilePicker({ multiple }))) ?? [];
}

/** An input of its own for each dialog: one that was cancelled, or never answered, leaves nothing behind. */
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

/** What was dropped. */
export interface Dropped {
  readonly files: readonly Chosen[];
  /** Names of folders, which cannot be uploaded. */
  readonly folders: readonly string[];
}

interface DropItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
  webkitGetAsEntry?(): { readonly isDirectory: boolean; readonly name: string } | null;
}

/** Everything that was dropped: a handle of each file where there is one. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped> {
  const folders: string[] = [];
  // All of it is asked for at once: after the event nothing is there any more.
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
