import { type FileSystem, removeIfPossible } from "@img/files";
import { asDeleted, isCompleted, isOpen, withRevoked } from "../images/image.js";
import type { CompletedImage, ImageRecord, ImageState } from "../images/image.js";
import { mustExist } from "../images/image-store.js";
import type { Guard, SweepFailed } from "../images/image-store.js";
import type { OneAtATime } from "../images/one-at-a-time.js";
import { sumBytes } from "../images/parts.js";
import { NoSuchUploadError } from "../objects/image-bytes.js";
import type { ImageFolder, Parts } from "./image-folder.js";
import { joinParts } from "./join-parts.js";
import type { Manifest, StoredPart } from "./manifest.js";
import type { WrittenPart } from "./part-writer.js";
import type { Reserve } from "./reserve.js";
import type { Space } from "./space.js";

/** What all images of a folder share. */
export interface Surroundings {
  readonly fs: FileSystem;
  readonly changes: OneAtATime;
  readonly space: Space;
  readonly reserve: Reserve;
  readonly checkDigest: boolean;
  readonly minPartBytes: number;
  /** The time in Unix milliseconds. */
  readonly clock: () => number;
  /** Gets the errors of what a change could not remove; the sweep tries again. */
  readonly failed: SweepFailed;
}

/** An image that was read from the disk, or has just been created. */
export interface FoundImage {
  readonly record: ImageRecord;
  readonly folder: ImageFolder;
  /** The parts; empty unless the image is open. */
  readonly parts: Parts;
  /** When the last part arrived, or else the creation. Unix milliseconds. */
  readonly activeMs: number;
}

/**
 * One image: its record, its parts, and its changes, which run one at a time. Whatever it returns is on the
 * disk already.
 */
export class StoredImage {
  readonly #folder: ImageFolder;
  readonly #around: Surroundings;
  #record: ImageRecord;
  /** Whether a write of the record has failed. The disk may differ until it is written again. */
  #inDoubt = false;
  /** The parts; empty once the image is completed, when they are in the manifest. */
  #parts: Map<number, StoredPart>;
  /** The next part's `turn`. A turn is never used twice, even if its part did not arrive. */
  #nextTurn: number;
  /** Whether bytes could not be removed. The sweep or the next start removes them. */
  #hasLeftBytes = false;
  #activeMs: number;

  constructor({ record, folder, parts, activeMs }: FoundImage, around: Surroundings) {
    this.#record = record;
    this.#folder = folder;
    this.#parts = new Map(parts);
    this.#nextTurn = 1 + Math.max(-1, ...[...parts.values()].map((part) => part.turn));
    this.#activeMs = activeMs;
    this.#around = around;
    around.space.add(record.account, this.#storedBytes);
  }

  get record(): ImageRecord {
    return this.#record;
  }

  get order(): number {
    return this.#record.order;
  }

  get folder(): ImageFolder {
    return this.#folder;
  }

  get parts(): Parts {
    return this.#parts;
  }

  /** Checks that the image accepts parts. @throws {NoSuchUploadError} It does not. */
  requireOpen(): void {
    if (isOpen(this.#record)) return;
    throw new NoSuchUploadError("The upload is over: it was completed, failed or deleted.");
  }

  readManifest(): Promise<Manifest> {
    return this.#folder.readManifest();
  }

  async startUploading(guard: Guard): Promise<void> {
    if (guard(this.#record).state.at !== "started") return;
    await this.#change(guard, async () => {
      if (this.#record.state.at === "started") await this.#setState({ at: "uploading" });
    });
  }

  /** Completes the image. The manifest is written first; the record makes it count. */
  async complete(guard: Guard, sha256: string): Promise<CompletedImage> {
    await this.#change(guard, async () => {
      if (isCompleted(this.#record)) return;
      const { fs, clock, checkDigest, minPartBytes } = this.#around;
      const wanted = { sha256, checkDigest, minPartBytes, nowSec: Math.floor(clock() / 1000) };
      await this.#setState(await joinParts(fs, this.#folder, this.#parts, wanted));
      this.#parts = new Map();
    });
    if (isCompleted(this.#record)) return this.#record;
    throw new Error("bug: an image that was joined is not completed");
  }

  async setRevoked(guard: Guard, isRevoked: boolean): Promise<ImageRecord> {
    await this.#change(guard, () => this.#setRecord(withRevoked(this.#record, isRevoked)));
    return this.#record;
  }

  async remove(guard: Guard): Promise<ImageRecord> {
    await this.#change(guard, () => this.#delete());
    return this.#record;
  }

  async fail(): Promise<void> {
    await this.#change(mustExist(this.#record.id), () =>
      this.#dropBytes({ ...this.#record, state: { at: "failed" } }),
    );
  }

  /** Deletes the image if it is open and has had no part since then. @returns Whether it was deleted. */
  async removeIfStale(beforeMs: number): Promise<boolean> {
    const isStale = () => isOpen(this.#record) && this.#activeMs < beforeMs;
    if (!isStale()) return false;
    await this.#alone(async () => {
      if (isStale()) await this.#delete();
    });
    return this.#record.deleted;
  }

  /** Removes bytes that an earlier change could not remove. */
  async removeLeftBytes(): Promise<void> {
    if (this.#hasLeftBytes) await this.#removeBytes();
  }

  /**
   * Makes a written part count, in place of an earlier one with its number.
   *
   * @throws {NoSuchUploadError} The image was completed meanwhile, and must not change any more.
   */
  keepPart(number: number, written: WrittenPart): Promise<void> {
    return this.#alone(async () => {
      this.requireOpen();
      const before = this.#parts.get(number);
      const { bytes, md5 } = written;
      const part: StoredPart = { number, bytes, md5, turn: this.#nextTurn++ };
      await this.#place(written, part);
      this.#parts.set(number, part);
      this.#activeMs = this.#around.clock();
      this.#around.space.add(this.#record.account, bytes - (before?.bytes ?? 0));
      if (before) await removeIfPossible(this.#around.fs, this.#folder.partPath(before));
    });
  }

  async #place(written: WrittenPart, part: StoredPart): Promise<void> {
    const { fs } = this.#around;
    const path = this.#folder.partPath(part);
    await fs.rename(written.path, path);
    try {
      await fs.syncDir(this.#folder.path);
    } catch (error) {
      await removeIfPossible(fs, path);
      throw error;
    }
  }

  /** The space of its parts on the disk. */
  get #storedBytes(): number {
    if (isCompleted(this.#record)) return this.#record.state.imageBytes;
    return sumBytes([...this.#parts.values()]);
  }

  #change(guard: Guard, change: () => Promise<void>): Promise<void> {
    guard(this.#record);
    return this.#alone(() => {
      guard(this.#record);
      return change();
    });
  }

  /** Runs a change when no other change of the image is running. */
  #alone(change: () => Promise<void>): Promise<void> {
    return this.#around.changes.run(this.#record.id, async () => {
      if (this.#inDoubt) await this.#setRecord(this.#record);
      await change();
    });
  }

  #setState(state: ImageState): Promise<void> {
    return this.#setRecord({ ...this.#record, state });
  }

  async #setRecord(record: ImageRecord): Promise<void> {
    this.#inDoubt = true;
    await this.#around.reserve.spend(() => this.#folder.writeRecord(record));
    this.#inDoubt = false;
    this.#record = record;
  }

  #delete(): Promise<void> {
    return this.#dropBytes(asDeleted(this.#record, this.#around.clock()));
  }

  /** Writes the record first: bytes that a crash then leaves behind are removed at the next start. */
  async #dropBytes(record: ImageRecord): Promise<void> {
    const bytes = this.#storedBytes;
    await this.#setRecord(record);
    this.#parts = new Map();
    this.#around.space.add(record.account, -bytes);
    await this.#removeBytes().catch((error: unknown) => this.#around.failed(record.id, error));
  }

  async #removeBytes(): Promise<void> {
    this.#hasLeftBytes = true;
    await this.#folder.removeBytes();
    this.#hasLeftBytes = false;
  }
}
