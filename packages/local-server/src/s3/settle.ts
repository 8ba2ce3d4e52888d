import type { ImageRecord } from "../images/image.js";
import { idIn, keys, MARK } from "./keys.js";
import type { SweepFailed } from "../images/image-store.js";
import type { Names } from "./names.js";
import type { Objects } from "./objects.js";
import type { Records, StoredImage } from "./records.js";
import type { Uploads } from "./uploads.js";

/** Brings bytes and lists in line with the records. Every step may be done twice, by any server. */
export interface Settling {
  /** What a deletion or a failure leaves to be done. */
  settle(stored: StoredImage): Promise<void>;
  /**
   * Ends what was never completed and has had no part for `ttlMs`, and what a crash has left half. Times are the
   * store's alone: no server's clock counts.
   */
  sweep(ttlMs: number, failed: SweepFailed): Promise<void>;
}

/** Whatever another server has under way is over by then. */
const UNDER_WAY_MS = 3_600_000;

export class BucketSettling implements Settling {
  readonly #objects: Objects;
  readonly #uploads: Uploads;
  readonly #records: Records;
  readonly #names: Names;
  readonly #storeClock: () => number;

  constructor(
    objects: Objects,
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

  async sweep(ttlMs: number, failed: SweepFailed): Promise<void> {
    const nowMs = this.#storeClock();
    const quietMs = nowMs - UNDER_WAY_MS;
    const tried = (key: string, work: Promise<void>) =>
      work.catch((error: unknown) => failed(idIn(key), error));
    for await (const { key, modifiedMs } of this.#objects.list(keys.unsettled())) {
      if (modifiedMs >= quietMs) continue;
      await tried(key, this.#sweepImage(idIn(key), modifiedMs, nowMs - ttlMs));
    }
    for await (const { key, uploadId, startedMs } of this.#uploads.list(keys.bytes())) {
      if (startedMs < quietMs) await tried(key, this.#sweepUpload(key, uploadId));
    }
    // Of servers that were killed at their start.
    for await (const { key, uploadId, startedMs } of this.#uploads.list(keys.probe())) {
      if (startedMs < quietMs) await tried(key, this.#uploads.abort(key, uploadId));
    }
    for await (const { key, modifiedMs } of this.#objects.list(keys.probe())) {
      if (modifiedMs < quietMs) await tried(key, this.#objects.delete(key));
    }
  }

  async #lastPartMs({ image, uploadId }: StoredImage, createdMs: number) {
    const key = keys.bytes(image.id);
    const parts = uploadId === undefined ? [] : await this.#uploads.parts(key, uploadId);
    // A server has died between the join and its record: any complete may still finish that.
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

  /** @param markedMs When it was created, or last deleted. */
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
