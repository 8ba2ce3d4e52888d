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
import { parsePartFileName, partFileName } from "./manifest.js";
import type { Manifest, StoredPart } from "./manifest.js";

/** The parts of an image that is still open, by number. */
export type Parts = ReadonlyMap<number, StoredPart>;

/** One image's folder: `image.json`, `manifest.json` once it is completed, and its part files. */
export class ImageFolder {
  readonly path: string;
  readonly #fs: FileSystem;

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.path = path;
  }

  partPath(part: StoredPart): string {
    return join(this.path, partFileName(part));
  }

  /** Syncs the folder's files. */
  sync(): Promise<void> {
    return this.#fs.syncDir(this.path);
  }

  /** Writes the record. If it rejects, either the old or the new record is on the disk. */
  writeRecord(record: ImageRecord): Promise<void> {
    return writeAtomically(this.#fs, this.#recordPath, JSON.stringify(record));
  }

  /** Reads the record; undefined if the creation was never finished. */
  async readRecord(): Promise<ImageRecord | undefined> {
    const text = await readText(this.#fs, this.#recordPath);
    // A file with this name is complete, because only complete files are renamed to it.
    return text === undefined ? undefined : readImage(JSON.parse(text) as ImageRecord);
  }

  writeManifest(manifest: Manifest): Promise<void> {
    return writeAtomically(this.#fs, this.#manifestPath, JSON.stringify(manifest));
  }

  async readManifest(): Promise<Manifest> {
    const text = await readText(this.#fs, this.#manifestPath);
    if (text !== undefined) return JSON.parse(text) as Manifest;
    throw new Error(`${this.#manifestPath} is missing: another program changed the store`);
  }

  /** Reads the parts that count, and when the last of them arrived. Removes what a crash has left. */
  async readParts(): Promise<{ parts: Parts; lastPartMs: number }> {
    await removeUnfinished(this.#fs, this.path);
    const parts = new Map<number, StoredPart>();
    let lastPartMs = 0;
    for (const name of await this.#fs.readdir(this.path)) {
      const found = parsePartFileName(name);
      if (found === undefined) continue;
      const { size, mtimeNs } = await this.#fs.stat(join(this.path, name));
      lastPartMs = Math.max(lastPartMs, Number(mtimeNs / 1_000_000n));
      const loser = keepLater(parts, { ...found, bytes: Number(size) });
      if (loser) await this.#fs.unlink(this.partPath(loser));
    }
    return { parts, lastPartMs };
  }

  /** Removes what a crash or a failing disk has left beside the parts of a completed image. */
  async removeStrays(partCount: number): Promise<void> {
    const names = await this.#fs.readdir(this.path);
    const strays = names.filter((name) => !ours.has(name) && parsePartFileName(name) === undefined);
    // Usually there is nothing else, and the manifest need not be read.
    if (strays.length === 0 && names.length === partCount + ours.size) return;
    const kept = new Set((await this.readManifest()).map(partFileName));
    await this.#removeWhere((name) => !ours.has(name) && !kept.has(name));
  }

  /** Removes part files and manifest. */
  removeBytes(): Promise<void> {
    return this.#removeWhere((name) => name !== recordName);
  }

  /** Removes the folder with all its files; a missing folder is not an error. */
  async remove(): Promise<void> {
    try {
      await this.#removeWhere(() => true);
      await this.#fs.rmdir(this.path);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }

  /** Removes the folder, and its record durably: the image never comes back. */
  async removeDurably(): Promise<void> {
    try {
      await removeIfThere(this.#fs, this.#recordPath);
      await this.#fs.syncDir(this.path);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
    await this.remove();
  }

  get #recordPath(): string {
    return join(this.path, recordName);
  }

  get #manifestPath(): string {
    return join(this.path, manifestName);
  }

  async #removeWhere(matches: (name: string) => boolean): Promise<void> {
    const names = (await this.#fs.readdir(this.path)).filter(matches);
    for (const name of names) await removeIfThere(this.#fs, join(this.path, name));
  }
}

const recordName = "image.json";
const manifestName = "manifest.json";
const ours: ReadonlySet<string> = new Set([recordName, manifestName]);

/**
 * Keeps the later file of a part. A crash may leave two, after a new one arrived and before the old one was
 * removed.
 */
function keepLater(parts: Map<number, StoredPart>, part: StoredPart): StoredPart | undefined {
  const other = parts.get(part.number);
  if (other && other.turn > part.turn) return part;
  parts.set(part.number, part);
  return other;
}

/** Returns the latest part of each number, in order: the content of a manifest. */
export const inOrder = (parts: Parts): Manifest =>
  [...parts.values()].sort((a, b) => a.number - b.number);
