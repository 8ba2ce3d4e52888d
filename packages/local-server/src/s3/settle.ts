import type { ImageRecord } from "../image.js";
import { idIn, keys, MARK } from "./keys.js";
import type { SweepFailed } from "../image-store.js";
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

export function bucketSettling(
  objects: Objects,
  uploads: Uploads,
  records: Records,
  names: Names,
  storeClock: () => number,
): Settling {
  const settle = async ({ image, uploadId }: StoredImage) => {
    const { id, deleted } = image;
    if (uploadId !== undefined) await uploads.abort(keys.bytes(id), uploadId);
    await uploads.delete(keys.bytes(id));
    if (deleted) {
      await objects.put(keys.deleted(image, id), MARK);
      await objects.delete(keys.live(image, id));
    }
    await objects.delete(keys.unsettled(id));
  };

  const lastPartMs = async ({ image, uploadId }: StoredImage, createdMs: number) => {
    const key = keys.bytes(image.id);
    const parts = uploadId === undefined ? [] : await uploads.parts(key, uploadId);
    // A server has died between the join and its record: any complete may still finish that.
    const joinedMs = parts === undefined ? (await uploads.find(key))?.joinedMs : undefined;
    const arrivals = (parts ?? []).map((part) => part.arrivedMs);
    return Math.max(createdMs, joinedMs ?? 0, ...arrivals);
  };

  const remove = (id: string, expected: StoredImage) =>
    records.change(id, (stored) =>
      stored && isSame(stored, expected)
        ? { ...stored, image: { ...stored.image, deleted: true } }
        : undefined,
    );

  /** @param markedMs When it was created, or last deleted. */
  const sweepImage = async (id: string, markedMs: number, beforeMs: number) => {
    const stored = await records.read(id);
    if (stored === undefined || stored.image.state.at === "completed") {
      if (stored?.image.deleted) return settle(stored);
      return objects.delete(keys.unsettled(id));
    }
    if (stored.image.deleted || stored.image.state.at === "failed") return settle(stored);
    const isNone = (await names.settled(stored)) === undefined;
    if (!isNone && (await lastPartMs(stored, markedMs)) >= beforeMs) return;
    const removed = await remove(id, stored);
    if (removed.image.deleted) await settle(removed);
  };

  const sweepUpload = async (key: string, uploadId: string) => {
    const stored = await records.read(idIn(key));
    if (stored?.uploadId !== uploadId) await uploads.abort(key, uploadId);
  };

  return {
    settle,
    async sweep(ttlMs, failed) {
      const nowMs = storeClock();
      const quietMs = nowMs - UNDER_WAY_MS;
      const tried = (key: string, work: Promise<void>) =>
        work.catch((error: unknown) => failed(idIn(key), error));
      for await (const { key, modifiedMs } of objects.list(keys.unsettled())) {
        if (modifiedMs >= quietMs) continue;
        await tried(key, sweepImage(idIn(key), modifiedMs, nowMs - ttlMs));
      }
      for await (const { key, uploadId, startedMs } of uploads.list(keys.bytes())) {
        if (startedMs < quietMs) await tried(key, sweepUpload(key, uploadId));
      }
      // Of servers that were killed at their start.
      for await (const { key, uploadId, startedMs } of uploads.list(keys.probe())) {
        if (startedMs < quietMs) await tried(key, uploads.abort(key, uploadId));
      }
      for await (const { key, modifiedMs } of objects.list(keys.probe())) {
        if (modifiedMs < quietMs) await tried(key, objects.delete(key));
      }
    },
  };
}

const isSame = ({ image: a, uploadId }: StoredImage, b: StoredImage): boolean =>
  sameState(a, b.image) && uploadId === b.uploadId;

const sameState = (a: ImageRecord, b: ImageRecord): boolean =>
  a.deleted === b.deleted && a.state.at === b.state.at;
