import type { ImageRecord } from "../images/image.js";
import { idIn, keys, MARK } from "./keys.js";
import type { SweepFailed } from "../images/image-store.js";
import type { Names } from "./names.js";
import type { SmallObjects } from "./small-objects.js";
import type { Records, StoredImage } from "./records.js";
import type { Uploads } from "./uploads.js";

/** Adjusts bytes and lists to the records. Every step may be repeated, by any server. */
export interface Settling {
  /** Does what a deletion or a failure has left to do. */
  settle(stored: StoredImage): Promise<void>;
  /**
   * Removes images that were not completed and had no part for too long, what a crash has left half done, and
   * old records of deleted images. Times are the store's: no server's clock counts.
   */
  sweep(ttl: SweepTtl, failed: SweepFailed): Promise<void>;
}

export interface SweepTtl {
  /** For an image without a new part. */
  readonly unfinishedMs: number;
  /** For the record of a deleted image. */
  readonly deletedMs: number;
}

/** After this time, whatever another server was doing has ended. */
const UNDER_WAY_MS = 3_600_000;

export class BucketSettling implements Settling {
  readonly #objects: SmallObjects;
  readonly #uploads: Uploads;
  readonly #records: Records;
  readonly #names: Names;
  readonly #storeClock: () => number;

  constructor(
    objects: SmallObjects,
    uploads: Uploads,
    records: Records,
    names: Names,
    storeClock: () => number,
  ) {
    this.#objects = objects;
    this.#uploads = uploads;
    this.#records = records;
    this.#names = names;
    this.#storeClock = storeClock;
  }

  async settle({ image, uploadId }: StoredImage): Promise<void> {
    const { id, deleted } = image;
    if (uploadId !== undefined) await this.#uploads.abort(keys.bytes(id), uploadId);
    await this.#uploads.delete(keys.bytes(id));
    if (deleted) {
      await this.#objects.put(keys.deleted(image, id), MARK);
      await this.#objects.delete(keys.live(image, id));
    }
    await this.#objects.delete(keys.unsettled(id));
  }

  async sweep({ unfinishedMs, deletedMs }: SweepTtl, failed: SweepFailed): Promise<void> {
    const nowMs = this.#storeClock();
    const quietMs = nowMs - UNDER_WAY_MS;
    const tried = (key: string, work: Promise<void>) =>
      work.catch((error: unknown) => failed(idIn(key), error));
    for await (const { key, modifiedMs } of this.#objects.list(keys.allDeleted)) {
      if (modifiedMs < nowMs - deletedMs) await tried(key, this.#forget(key));
    }
    for await (const { key, modifiedMs } of this.#objects.list(keys.unsettled())) {
      if (modifiedMs >= quietMs) continue;
      await tried(key, this.#sweepImage(idIn(key), modifiedMs, nowMs - unfinishedMs));
    }
    for await (const { key, uploadId, startedMs } of this.#uploads.list(keys.bytes())) {
      if (startedMs < quietMs) await tried(key, this.#sweepUpload(key, uploadId));
    }
    // Left by servers that were killed at their start.
    for await (const { key, uploadId, startedMs } of this.#uploads.list(keys.probe())) {
      if (startedMs < quietMs) await tried(key, this.#uploads.abort(key, uploadId));
    }
    for await (const { key, modifiedMs } of this.#objects.list(keys.probe())) {
      if (modifiedMs < quietMs) await tried(key, this.#objects.delete(key));
    }
  }

  /** Removes the record of a deleted image. @param mark The key in the list of deleted images. */
  async #forget(mark: string): Promise<void> {
    const id = idIn(mark);
    // Its bytes could not be removed yet; the record stays until they are.
    if ((await this.#objects.get(keys.unsettled(id))) !== undefined) return;
    const stored = await this.#records.read(id);
    if (stored?.image.deleted) await this.#objects.delete(keys.record(id));
    await this.#objects.delete(mark);
  }

  async #lastPartMs({ image, uploadId }: StoredImage, createdMs: number) {
    const key = keys.bytes(image.id);
    const parts = uploadId === undefined ? [] : await this.#uploads.parts(key, uploadId);
    // A server has died between the join and writing the record: any `complete` may still finish that.
    const joinedMs = parts === undefined ? (await this.#uploads.find(key))?.joinedMs : undefined;
    const arrivals = (parts ?? []).map((part) => part.arrivedMs);
    return Math.max(createdMs, joinedMs ?? 0, ...arrivals);
  }

  #remove(id: string, expected: StoredImage) {
    return this.#records.change(id, (stored) =>
      stored && isSame(stored, expected)
        ? { ...stored, image: { ...stored.image, deleted: true } }
        : undefined,
    );
  }

  /** Handles one unsettled image. @param markedMs When it was created, or last deleted. */
  async #sweepImage(id: string, markedMs: number, beforeMs: number) {
    const stored = await this.#records.read(id);
    if (stored === undefined || stored.image.state.at === "completed") {
      if (stored?.image.deleted) return this.settle(stored);
      return this.#objects.delete(keys.unsettled(id));
    }
    if (stored.image.deleted || stored.image.state.at === "failed") return this.settle(stored);
    const isNone = (await this.#names.settled(stored)) === undefined;
    if (!isNone && (await this.#lastPartMs(stored, markedMs)) >= beforeMs) return;
    const removed = await this.#remove(id, stored);
    if (removed.image.deleted) await this.settle(removed);
  }

  async #sweepUpload(key: string, uploadId: string) {
    const stored = await this.#records.read(idIn(key));
    if (stored?.uploadId !== uploadId) await this.#uploads.abort(key, uploadId);
  }
}

const isSame = ({ image: a, uploadId }: StoredImage, b: StoredImage): boolean =>
  sameState(a, b.image) && uploadId === b.uploadId;

const sameState = (a: ImageRecord, b: ImageRecord): boolean =>
  a.deleted === b.deleted && a.state.at === b.state.at;
