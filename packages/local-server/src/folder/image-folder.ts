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

  /** If it rejects, either the old record is on the disk or the new one. */
  writeRecord(record: ImageRecord): Promise<void> {
    return writeAtomically(this.#fs, this.#recordPath, JSON.stringify(record));
  }

  /** Undefined if the creation was never finished. */
  async readRecord(): Promise<ImageRecord | undefined> {
    const text = await readText(this.#fs, this.#recordPath);
    // A file with this name is complete, because we renamed it there.
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

  /** The parts that hold, and when the last of them came; removes what a crash has left behind. */
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

  /** Removes what a crash, or a disk that failed, has left beside the parts of a completed image. */
  async removeStrays(partCount: number): Promise<void> {
    const names = await this.#fs.readdir(this.path);
    const strays = names.filter((name) => !ours.has(name) && parsePartFileName(name) === undefined);
    // Most times nothing else is there, and the manifest need not be read.
    if (strays.length === 0 && names.length === partCount + ours.size) return;
    const kept = new Set((await this.readManifest()).map(partFileName));
    await this.#removeWhere((name) => !ours.has(name) && !kept.has(name));
  }

  /** Removes part files and manifest. */
  removeBytes(): Promise<void> {
    return this.#removeWhere((name) => name !== recordName);
  }

  /** Removes the folder and all in it; one that is not there is no error. */
  async remove(): Promise<void> {
    try {
      await this.#removeWhere(() => true);
      await this.#fs.rmdir(this.path);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }

  /** As `remove`, and durably the record: the image never comes back. */
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

/** A crash between the arrival of a part's next turn and the removal of the last one leaves both. */
function keepLater(parts: Map<number, StoredPart>, part: StoredPart): StoredPart | undefined {
  const other = parts.get(part.number);
  if (other && other.turn > part.turn) return part;
  parts.set(part.number, part);
  return other;
}

/** Newest by number, in order: what a manifest is made of. */
export const inOrder = (parts: Parts): Manifest =>
  [...parts.values()].sort((a, b) => a.number - b.number);
