import { join } from "node:path";
import { type FileSystem, removeUnfinished } from "@img/files";
import { imageFolder } from "./image-folder.js";
import type { ImageFolder, Parts } from "./image-folder.js";
import { isCompleted, isOpen } from "../images/image.js";
import type { ImageRecord } from "../images/image.js";
import { partCountOf, sumBytes } from "../images/manifest.js";
import { nameKey } from "../images/workspace.js";

/** One image in memory. What it says is on disk already, or about to be. */
export interface Entry {
  record: ImageRecord;
  /** A write of the record has failed: the disk may say something else until it is written again. */
  inDoubt: boolean;
  readonly folder: ImageFolder;
  /** Empty once the image is completed: the manifest has them then. */
  parts: Parts;
  /** The next part's `turn`: never given twice, also where a part then failed to arrive. */
  nextTurn: number;
  /** Bytes that could not be removed: the sweep, or the next start, does it. */
  hasLeftBytes: boolean;
  /** When the last part came; the creation, before. Unix milliseconds. */
  activeMs: number;
}

/** All images of the folder, as read at start and kept since. */
export interface FolderIndex {
  get(id: string): Entry | undefined;
  all(): IterableIterator<Entry>;
  add(entry: Entry): void;
  /** The live image of a name, which is given as `nameKey` makes it. */
  named(key: string): Entry | undefined;
  /** Frees the name of an image that was deleted. */
  release(record: ImageRecord): void;
  /** Above every order that was ever given. */
  nextOrder(nowMs: number): number;
}

function folderIndex(): FolderIndex {
  const entries = new Map<string, Entry>();
  const names = new Map<string, Entry>();
  let lastOrder = 0;
  return {
    get: (id) => entries.get(id),
    all: () => entries.values(),
    add(entry) {
      const { id, order, deleted } = entry.record;
      entries.set(id, entry);
      lastOrder = Math.max(lastOrder, order);
      if (!deleted) names.set(nameKey(entry.record), entry);
    },
    named: (key) => names.get(key),
    release: (record) => names.delete(nameKey(record)),
    nextOrder: (nowMs) => (lastOrder = Math.max(lastOrder + 1, nowMs)),
  };
}

/**
 * Reads every image back, and removes what a crash has left that no image refers to. What a killed
 * process has written may not be durable yet: it is made so before it is believed.
 */
export async function loadIndex(fs: FileSystem, imagesDir: string): Promise<FolderIndex> {
  const index = folderIndex();
  await fs.syncDir(imagesDir);
  for (const id of await fs.readdir(imagesDir)) {
    const entry = await loadEntry(fs, imageFolder(fs, join(imagesDir, id)));
    if (entry) index.add(entry);
  }
  return index;
}

/** A new one, or one that has been read. */
export function newEntry(record: ImageRecord, folder: ImageFolder, activeMs: number): Entry {
  const nothing = { inDoubt: false, hasLeftBytes: false, parts: new Map(), nextTurn: 0 };
  return { record, folder, activeMs, ...nothing };
}

async function loadEntry(fs: FileSystem, folder: ImageFolder): Promise<Entry | undefined> {
  await fs.syncDir(folder.path);
  const record = await folder.readRecord();
  if (record === undefined) {
    await folder.removeAll();
    return undefined;
  }
  const createdMs = record.createdAtSec * 1000;
  const entry = newEntry(record, folder, createdMs);
  if (isOpen(record)) {
    await removeUnfinished(fs, folder.path);
    const { parts, lastPartMs } = await folder.readParts();
    const nextTurn = 1 + Math.max(-1, ...[...parts.values()].map((part) => part.turn));
    return { ...entry, parts, nextTurn, activeMs: Math.max(createdMs, lastPartMs) };
  }
  if (record.deleted || !isCompleted(record)) await folder.removeBytes();
  else await folder.removeStrays(partCountOf(record.state.etag));
  return entry;
}

/** What an image's parts take on disk. */
export function storedBytes({ record, parts }: Entry): number {
  if (isCompleted(record)) return record.deleted ? 0 : record.state.imageBytes;
  return sumBytes([...parts.values()]);
}
