import { setTimeout as wait } from "node:timers/promises";
import { isCompleted, newImage, withRevoked } from "../images/image.js";
import type { CompletedImage, ImageRecord } from "../images/image.js";
import { mustExist, NameTakenError } from "../images/image-store.js";
import type { Guard, ImageStore, PresignedUrl, SweepFailed } from "../images/image-store.js";
import type { ListPage, ListQuery } from "../images/image-list.js";
import type { Workspace } from "../images/workspace.js";
import { placeOf } from "../images/cursor.js";
import { imageIds } from "./image-id.js";
import type { ImageList } from "./image-list.js";
import { joinParts } from "./join-parts.js";
import { keys, MARK } from "./keys.js";
import type { Names } from "./names.js";
import type { SmallObjects } from "./small-objects.js";
import type { Records, StoredImage } from "./records.js";
import type { Settling } from "./settle.js";
import type { JoinedObject, SignedAt, Uploads } from "./uploads.js";

/** The parts of a store on a bucket. */
export interface Pieces {
  readonly objects: SmallObjects;
  readonly uploads: Uploads;
  readonly records: Records;
  readonly names: Names;
  readonly list: ImageList;
  readonly settling: Settling;
}

export interface S3StoreSettings {
  readonly urlTtlSec: number;
  readonly unfinishedTtlDays: number;
  readonly deletedTtlDays: number;
  /** Gets the errors of what a deletion could not remove; the sweep tries again. */
  readonly failed?: SweepFailed;
  /** The time in Unix milliseconds. */
  readonly clock: () => number;
  /** Gets a JSON line about a bucket that costs more than expected. @default none */
  readonly warn?: (line: string) => void;
  /** The store's time, for tests that would take days. @default what the store tells */
  readonly storeClock?: () => number;
}

const DAY_MS = 86_400_000;
/**
 * The maximum number of times that the parts are listed again, because they changed or another server joins
 * them.
 */
const MAX_JOINS = 8;
/** The wait before the second time. It doubles each time, up to 12 s in all. */
const JOIN_PAUSE_MS = 100;

/**
 * Keeps images in a bucket, which any number of servers may share: they agree by conditional writes, and keep
 * no state of their own. Bytes are sent between the clients and the bucket.
 */
export class S3Store implements ImageStore {
  readonly #pieces: Pieces;
  readonly #settings: S3StoreSettings;
  readonly #nextId = imageIds();
  readonly #close: () => void;
  /** The origin by which clients, and so pages, reach the bucket. */
  readonly origin: string;
  #sweeping: Promise<void> | undefined;

  /** Use `openS3Store`, which checks the bucket first. */
  constructor(
    pieces: Pieces,
    settings: S3StoreSettings,
    { origin, close }: { readonly origin: string; readonly close: () => void },
  ) {
    this.#pieces = pieces;
    this.#settings = settings;
    this.origin = origin;
    this.#close = close;
  }

  async create(workspace: Workspace, name: string): Promise<ImageRecord> {
    const { objects, records, names } = this.#pieces;
    const stored: StoredImage = { image: this.#newImage(workspace, name), claimed: false };
    const { id } = stored.image;
    await records.add(stored);
    await Promise.all([
      objects.put(keys.unsettled(id), MARK),
      objects.put(keys.live(workspace, id), MARK),
    ]);
    if (await names.claim(stored)) return stored.image;
    await this.#forget(stored.image);
    throw new NameTakenError(`There is already an image named ${name}.`);
  }

  async find(id: string): Promise<ImageRecord | undefined> {
    return (await this.#read(id))?.image;
  }

  async findNamed(workspace: Workspace, name: string): Promise<ImageRecord | undefined> {
    return (await this.#pieces.names.find(workspace, name))?.image;
  }

  list(workspaces: readonly Workspace[], query: ListQuery): Promise<ListPage> {
    return this.#pieces.list.page(workspaces, query);
  }

  isCursor(text: string): boolean {
    return placeOf(text) !== undefined;
  }

  async partUrl(id: string, part: number, _: string, guard: Guard): Promise<PresignedUrl> {
    const stored = await this.#read(id);
    guard(stored?.image);
    const uploadId = stored?.uploadId ?? (await this.#startUpload(id, guard));
    const key = keys.bytes(id);
    return this.#presigned((at) => this.#pieces.uploads.partUrl(key, uploadId, part, at));
  }

  async downloadUrl(image: CompletedImage): Promise<PresignedUrl> {
    return this.#presigned((at) => this.#pieces.uploads.downloadUrl(keys.bytes(image.id), at));
  }

  async complete(id: string, sha256: string, guard: Guard): Promise<CompletedImage> {
    for (let tries = 0; tries < MAX_JOINS; tries++) {
      if (tries > 0) await wait(JOIN_PAUSE_MS * 2 ** (tries - 1));
      const stored = await this.#read(id);
      const image = guard(stored?.image);
      if (isCompleted(image)) return image;
      const object = await joinParts(this.#pieces.uploads, id, stored?.uploadId);
      if (object) return this.#setCompleted(id, guard, sha256, object);
    }
    throw new Error(
      `The parts of ${id} could not be joined in ${MAX_JOINS} tries: they changed, or the store failed.`,
    );
  }

  async setRevoked(id: string, isRevoked: boolean, guard: Guard): Promise<ImageRecord> {
    const stored = await this.#pieces.records.change(id, (found) => {
      const image = guard(found?.image);
      return found && { ...found, image: withRevoked(image, isRevoked) };
    });
    return stored.image;
  }

  async remove(id: string, guard: Guard): Promise<ImageRecord> {
    guard((await this.#read(id))?.image);
    await this.#pieces.objects.put(keys.unsettled(id), MARK);
    return this.#end(id, guard, (image) => ({ ...image, deleted: true }));
  }

  async fail(id: string): Promise<void> {
    await this.#end(id, mustExist(id), (image) => ({ ...image, state: { at: "failed" } }));
  }

  /** Removes images that had no part for `unfinishedTtlDays`, and records of images deleted `deletedTtlDays` ago. */
  async sweep(failed: SweepFailed): Promise<void> {
    const { unfinishedTtlDays, deletedTtlDays } = this.#settings;
    const ttl = { unfinishedMs: unfinishedTtlDays * DAY_MS, deletedMs: deletedTtlDays * DAY_MS };
    this.#sweeping ??= this.#pieces.settling.sweep(ttl, failed).finally(() => {
      this.#sweeping = undefined;
    });
    await this.#sweeping;
  }

  async close(): Promise<void> {
    await this.#sweeping?.catch(() => undefined);
    this.#close();
  }

  async #read(id: string): Promise<StoredImage | undefined> {
    return this.#pieces.names.settled(await this.#pieces.records.read(id));
  }

  #newImage(workspace: Workspace, name: string): ImageRecord {
    const nowMs = this.#settings.clock();
    return newImage({ id: this.#nextId(nowMs), ...workspace, name, order: nowMs }, nowMs);
  }

  async #startUpload(id: string, guard: Guard): Promise<string> {
    const { uploads, records } = this.#pieces;
    const mine = await uploads.start(keys.bytes(id));
    let chosen: string | undefined;
    try {
      const stored = await records.change(id, (found) => {
        const image = guard(found?.image);
        if (found?.uploadId !== undefined) return undefined;
        return { image: { ...image, state: { at: "uploading" } }, claimed: true, uploadId: mine };
      });
      chosen = stored.uploadId;
    } finally {
      // Another server was faster, or the image is gone.
      if (chosen !== mine) await uploads.abort(keys.bytes(id), mine);
    }
    if (chosen === undefined) throw new Error(`bug: ${id} takes parts and has no upload`);
    return chosen;
  }

  /** Completes the record. If several calls do so, the digest of the first one counts. */
  async #setCompleted(
    id: string,
    guard: Guard,
    sha256: string,
    { bytes: imageBytes, etag }: JoinedObject,
  ): Promise<CompletedImage> {
    const { uploads, records, objects } = this.#pieces;
    const completedAtSec = Math.floor(this.#settings.clock() / 1000);
    const state = { at: "completed", sha256, imageBytes, etag, completedAtSec } as const;
    try {
      const { image } = await records.change(id, (found) => {
        const before = guard(found?.image);
        if (!found || isCompleted(before)) return undefined;
        return { ...found, image: { ...before, state } };
      });
      await objects.delete(keys.unsettled(id));
      if (!isCompleted(image)) throw new Error("bug: an image that was joined is not completed");
      return image;
    } catch (error) {
      // It was deleted while its bytes were being joined: they must be removed too.
      const now = await records.read(id);
      if (now?.image.deleted) await uploads.delete(keys.bytes(id));
      throw error;
    }
  }

  /** Ends an image. The record is written first; what a failure then leaves is removed by the sweep. */
  async #end(
    id: string,
    guard: Guard,
    change: (image: ImageRecord) => ImageRecord,
  ): Promise<ImageRecord> {
    const { records, settling } = this.#pieces;
    const stored = await records.change(id, (found) => {
      const image = guard(found?.image);
      return found && { ...found, image: change(image) };
    });
    await settling.settle(stored).catch((error: unknown) => this.#settings.failed?.(id, error));
    return stored.image;
  }

  /** Removes the record of a creation that came too late for its name: no claim will ever contain its id. */
  async #forget(image: ImageRecord): Promise<void> {
    const { objects } = this.#pieces;
    const { id } = image;
    const left = [keys.live(image, id), keys.unsettled(id), keys.record(id)];
    for (const key of left) await objects.delete(key).catch(() => undefined);
  }

  async #presigned(sign: (at: SignedAt) => Promise<string>): Promise<PresignedUrl> {
    const { clock, urlTtlSec: ttlSec } = this.#settings;
    const nowMs = clock();
    return { url: await sign({ nowMs, ttlSec }), expiresAtSec: Math.floor(nowMs / 1000) + ttlSec };
  }
}
