import type { ImageRecord } from "../image.js";
import { idIn, keys, MARK } from "./keys.js";
import type { Names } from "./names.js";
import type { Objects } from "./objects.js";
import type { Records, StoredImage } from "./records.js";
import type { Uploads } from "./uploads.js";

/** Brings bytes and lists in line with the records. Every step may be done twice, by any server. */
export interface Settling {
  /** What a deletion or a failure leaves to be done. */
  settle(stored: StoredImage): Promise<void>;
  /** Ends what was never completed and has had no part for `ttlMs`, and what a crash has left half. */
  sweep(nowMs: number, ttlMs: number): Promise<void>;
}

/** Whatever another server has under way is over by then. */
const UNDER_WAY_MS = 3_600_000;

export function bucketSettling(
  objects: Objects,
  uploads: Uploads,
  records: Records,
  names: Names,
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

  const lastPartMs = async ({ image, uploadId }: StoredImage) => {
    const parts = uploadId === undefined ? [] : await uploads.parts(keys.bytes(image.id), uploadId);
    return Math.max(image.createdAtSec * 1000, ...(parts ?? []).map((part) => part.arrivedMs));
  };

  const remove = (id: string, expected: StoredImage) =>
    records.change(id, (stored) =>
      stored && isSame(stored, expected)
        ? { ...stored, image: { ...stored.image, deleted: true } }
        : undefined,
    );

  const sweepImage = async (id: string, beforeMs: number) => {
    const stored = await records.read(id);
    if (stored === undefined || stored.image.state.at === "completed") {
      if (stored?.image.deleted) return settle(stored);
      return objects.delete(keys.unsettled(id));
    }
    if (stored.image.deleted || stored.image.state.at === "failed") return settle(stored);
    const isNone = (await names.settled(stored)) === undefined;
    if (!isNone && (await lastPartMs(stored)) >= beforeMs) return;
    const removed = await remove(id, stored);
    if (removed.image.deleted) await settle(removed);
  };

  const sweepUploads = async (beforeMs: number) => {
    for await (const { key, uploadId, startedMs } of uploads.list(keys.bytes())) {
      if (startedMs >= beforeMs) continue;
      const stored = await records.read(idIn(key));
      if (stored?.uploadId !== uploadId) await uploads.abort(key, uploadId);
    }
  };

  return {
    settle,
    async sweep(nowMs, ttlMs) {
      const quietMs = nowMs - UNDER_WAY_MS;
      for await (const { key, modifiedMs } of objects.list(keys.unsettled())) {
        if (modifiedMs < quietMs) await sweepImage(idIn(key), nowMs - ttlMs);
      }
      await sweepUploads(quietMs);
    },
  };
}

const isSame = ({ image: a, uploadId }: StoredImage, b: StoredImage): boolean =>
  sameState(a, b.image) && uploadId === b.uploadId;

const sameState = (a: ImageRecord, b: ImageRecord): boolean =>
  a.deleted === b.deleted && a.state.at === b.state.at;
