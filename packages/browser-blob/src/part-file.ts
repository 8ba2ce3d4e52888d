import { privatePathOf, privateRoot, type PrivatePath } from "./private-files.js";

/** The folder of part files in the origin's private file system; each is in a folder of its own. */
const folderName = "img-parts";

/** A file in the origin's private file system that is written part by part. */
export interface PartFile {
  /** Identifies this part file; a new one has another identity. */
  readonly identity: string;
  readonly path: PrivatePath;
  /** Moves the part file to the target, which it replaces. */
  become(target: FileSystemFileHandle): Promise<void>;
  /** Idempotent. */
  remove(): Promise<void>;
}

interface Folder {
  readonly parent: FileSystemDirectoryHandle;
  readonly name: string;
  readonly handle: FileSystemDirectoryHandle;
}

/** The part file of this scope: the one that is there, or a new one. */
export async function findPartFile(scope: string): Promise<PartFile> {
  const folder = await openFolder(scope);
  const found = await firstFile(folder.handle);
  // The name is new, which distinguishes it from an earlier part file.
  const handle =
    found ?? (await folder.handle.getFileHandle(crypto.randomUUID(), { create: true }));
  const remove = async (): Promise<void> => {
    await folder.parent.removeEntry(folder.name, { recursive: true }).catch(ignoreMissing);
  };
  return {
    identity: `opfs:${handle.name}`,
    path: [folderName, folder.name, handle.name],
    become: async (target) => {
      await replace(target, handle);
      await remove();
    },
    remove,
  };
}

async function openFolder(scope: string): Promise<Folder> {
  const root = await privateRoot();
  const parent = await root.getDirectoryHandle(folderName, { create: true });
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(scope));
  const name = [...new Uint8Array(hash).subarray(0, 16)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  return { parent, name, handle: await parent.getDirectoryHandle(name, { create: true }) };
}

interface IterableFolder {
  values(): AsyncIterable<FileSystemHandle>;
}

async function firstFile(folder: FileSystemDirectoryHandle): Promise<FileSystemFileHandle | null> {
  for await (const entry of (folder as unknown as IterableFolder).values()) {
    if (entry.kind === "file") return entry as FileSystemFileHandle;
  }
  return null;
}

interface MovableFile {
  move?(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
}

/** Within the private file system it is moved; outside, it is copied beside the target and then takes its place. */
async function replace(target: FileSystemFileHandle, part: FileSystemFileHandle): Promise<void> {
  const movable = part as MovableFile;
  const folder = await folderInPrivate(target);
  if (folder !== null && movable.move) {
    await movable.move(folder, target.name);
    return;
  }
  const writable = await target.createWritable();
  await (await part.getFile()).stream().pipeTo(writable);
}

/** Null if it is elsewhere. */
async function folderInPrivate(
  target: FileSystemFileHandle,
): Promise<FileSystemDirectoryHandle | null> {
  const path = await privatePathOf(target);
  if (path === null) return null;
  let folder = await privateRoot();
  for (const name of path.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
  return folder;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error;
}
