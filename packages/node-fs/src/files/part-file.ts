import { dirname } from "node:path";
import { DiskError, kept } from "@img/transfer";
import { dataRuns, gapsBetween, type DataRun } from "./data-runs.js";
import { readFully, writeFully, type FileSystem, type OpenFile } from "@img/files";
import { checkRoom, type RoomRule } from "./room.js";
import { messageOf } from "./message-of.js";

/** How much is read at once to see whether it is zeros. */
const lookBytes = 1024 * 1024;

/** How a part file is written. */
export interface PartFileOptions {
  /** Whether runs of zeros become holes. */
  readonly sparse: boolean;
  readonly onDisk: OnDisk;
  readonly room: RoomRule;
}

/** An open part file, which may have been written by an earlier try; runs of zeros become holes in it. */
export class PartFile {
  readonly path: string;
  /** Device and inode, since the same name may mean another file by now. */
  readonly identity: string;
  readonly #fs: FileSystem;
  readonly #file: OpenFile;
  readonly #sparse: boolean;
  readonly #onDisk: OnDisk;
  readonly #room: RoomRule;
  #sizeBytes = 0;
  /** Nothing was ever written from this offset on, so that holes there read as zeros. */
  #untouchedFrom = Infinity;
  /** The file is at least this long. */
  #reachedBytes = 0;
  #closing: Promise<void> | null = null;

  constructor(
    path: string,
    identity: string,
    fs: FileSystem,
    file: OpenFile,
    { sparse, onDisk, room }: PartFileOptions,
  ) {
    this.path = path;
    this.identity = identity;
    this.#fs = fs;
    this.#file = file;
    this.#sparse = sparse;
    this.#onDisk = onDisk;
    this.#room = room;
  }

  /**
   * Prepares the file for an image of `sizeBytes`, of which `missingBytes` are missing.
   *
   * @throws {TargetUnusableError} No file there can be that long.
   * @throws {NotEnoughSpaceError} The disk has not that much room, and the room is required.
   */
  async prepare(sizeBytes: number, missingBytes: number): Promise<void> {
    const freeBytes = await this.#onDisk(() => this.#fs.freeBytes(dirname(this.path)));
    await checkRoom(this.path, { sizeBytes, missingBytes, freeBytes }, this.#room);
    // The file grows as parts are written, so its end is the end of what was ever written.
    this.#untouchedFrom = Number((await this.#onDisk(() => this.#file.stat())).size);
    this.#reachedBytes = this.#untouchedFrom;
    this.#sizeBytes = sizeBytes;
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const all = [{ start: 0, end: bytes.length }];
    const data = this.#sparse ? dataRuns(bytes) : all;
    for (const { start, end } of data) {
      signal.throwIfAborted();
      await this.#put(bytes.subarray(start, end), offset + start);
    }
    if (offset < this.#untouchedFrom) await this.#clearGaps(offset, bytes, data, signal);
    // The file is made long enough to be read back, also if this part ends in a hole.
    const lastByte = bytes.length - 1;
    if (offset + lastByte >= this.#reachedBytes) {
      await this.#put(bytes.subarray(lastByte), offset + lastByte);
    }
  }

  async datasync(): Promise<void> {
    await this.#onDisk(() => this.#file.datasync());
  }

  /** Sets the final length, and makes everything durable. */
  async finish(): Promise<void> {
    // The image may end in a hole.
    await this.#onDisk(() => this.#file.truncate(this.#sizeBytes));
    await this.#onDisk(() => this.#file.sync());
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closing ??= kept(this.#file.close());
    return this.#closing;
  }

  async #put(bytes: Uint8Array, position: number): Promise<void> {
    await this.#onDisk(() => writeFully(this.#file, bytes, position));
    this.#reachedBytes = Math.max(this.#reachedBytes, position + bytes.length);
  }

  /**
   * Writes zeros where an earlier try may have left other bytes. Ranges that read as zeros already, such as its
   * holes, are left alone.
   */
  async #clearGaps(
    offset: number,
    bytes: Uint8Array,
    data: readonly DataRun[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const gap of gapsBetween(data, bytes.length)) {
      for (let start = gap.start; start < gap.end; start += lookBytes) {
        signal.throwIfAborted();
        const end = Math.min(start + lookBytes, gap.end);
        if (await this.#readsAsZeros(offset + start, end - start)) continue;
        await this.#put(bytes.subarray(start, end), offset + start);
      }
    }
  }

  async #readsAsZeros(position: number, lengthBytes: number): Promise<boolean> {
    const there = new Uint8Array(lengthBytes);
    const count = await this.#onDisk(() => readFully(this.#file, there, position));
    return dataRuns(there.subarray(0, count)).length === 0;
  }
}

/** Runs work on the disk, and turns its errors into those of a download. */
export type OnDisk = <T>(work: () => Promise<T>) => Promise<T>;

/** @param target What the error names. */
export const onDiskOf =
  (target: string): OnDisk =>
  async (work) => {
    try {
      return await work();
    } catch (error) {
      throw diskError(error, target);
    }
  };

export const diskError = (cause: unknown, path: string): DiskError =>
  new DiskError(`Could not write ${path}: ${messageOf(cause)}`, { cause });
