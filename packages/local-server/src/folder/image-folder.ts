import { join } from "node:path";
import {
  type FileSystem,
  hasCode,
  readText,
  removeIfThere,
  removeUnfinished,
  writeAtomically,
} from "@img/files";
import { readImage } from "../images/image.js";
import type { ImageRecord } from "../images/image.js";
import { parsePartFileName, partFileName } from "../images/manifest.js";
import type { Manifest, StoredPart } from "../images/manifest.js";

/** The parts of an image that is still open, by number. */
export type Parts = Map<number, StoredPart>;

/** One image's folder: `image.json`, `manifest.json` once it is completed, and its part files. */
export interface ImageFolder {
  readonly path: string;
  readonly partPath: (part: StoredPart) => string;
  /** Rejected, it is either the old one that stands there or the new one. */
  writeRecord(record: ImageRecord): Promise<void>;
  /** Undefined where the creation was never finished. */
  readRecord(): Promise<ImageRecord | undefined>;
  writeManifest(manifest: Manifest): Promise<void>;
  readManifest(): Promise<Manifest>;
  /** The parts that hold, and when the last of them came; removes what a crash has left behind. */
  readParts(): Promise<{ parts: Parts; lastPartMs: number }>;
  /** Removes what a crash, or a disk that failed, has left beside the parts of a completed image. */
  removeStrays(partCount: number): Promise<void>;
  /** Removes part files and manifest. */
  removeBytes(): Promise<void>;
  /** Removes the folder and all in it, durably the record; one that is not there is no error. */
  removeAll(): Promise<void>;
}

export function imageFolder(fs: FileSystem, path: string): ImageFolder {
  const recordPath = join(path, "image.json");
  const manifestPath = join(path, "manifest.json");
  const readManifest = () => manifestAt(fs, manifestPath);
  const removeWhere = async (matches: (name: string) => boolean) => {
    const names = (await fs.readdir(path)).filter(matches);
    for (const name of names) await removeIfThere(fs, join(path, name));
  };
  return {
    path,
    partPath: (part) => join(path, partFileName(part)),
    writeRecord: (record) => writeAtomically(fs, recordPath, JSON.stringify(record)),
    async readRecord() {
      const text = await readText(fs, recordPath);
      // What stands under this name was written whole, by us.
      return text === undefined ? undefined : readImage(JSON.parse(text) as ImageRecord);
    },
    writeManifest: (manifest) => writeAtomically(fs, manifestPath, JSON.stringify(manifest)),
    readManifest,
    readParts: () => readParts(fs, path),
    async removeStrays(partCount) {
      await removeUnfinished(fs, path);
      const isPart = (name: string) => parsePartFileName(name) !== undefined;
      if ((await fs.readdir(path)).filter(isPart).length <= partCount) return;
      const kept = new Set((await readManifest()).map(partFileName));
      await removeWhere((name) => isPart(name) && !kept.has(name));
    },
    removeBytes: () => removeWhere((name) => name !== "image.json"),
    async removeAll() {
      try {
        await removeIfThere(fs, recordPath);
        await fs.syncDir(path);
        await removeWhere(() => true);
        await fs.rmdir(path);
      } catch (error) {
        if (!hasCode(error, "ENOENT")) throw error;
      }
    },
  };
}

async function manifestAt(fs: FileSystem, path: string): Promise<Manifest> {
  const text = await readText(fs, path);
  if (text === undefined) throw new Error(`${path} is gone: somebody has changed the store`);
  return JSON.parse(text) as Manifest;
}

async function readParts(
  fs: FileSystem,
  path: string,
): Promise<{ parts: Parts; lastPartMs: number }> {
  const parts: Parts = new Map();
  let lastPartMs = 0;
  for (const name of await fs.readdir(path)) {
    const found = parsePartFileName(name);
    if (found === undefined) continue;
    const { size, mtimeNs } = await fs.stat(join(path, name));
    lastPartMs = Math.max(lastPartMs, Number(mtimeNs / 1_000_000n));
    const loser = keepLater(parts, { ...found, bytes: Number(size) });
    if (loser) await fs.unlink(join(path, partFileName(loser)));
  }
  return { parts, lastPartMs };
}

/** A crash between the arrival of a part's next turn and the removal of the last one leaves both. */
function keepLater(parts: Parts, part: StoredPart): StoredPart | undefined {
  const other = parts.get(part.number);
  if (other && other.turn > part.turn) return part;
  parts.set(part.number, part);
  return other;
}

/** Newest by number, in order: what a manifest is made of. */
export const inOrder = (parts: Parts): Manifest =>
  [...parts.values()].sort((a, b) => a.number - b.number);
