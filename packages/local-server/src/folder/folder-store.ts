import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { FileSystem, Lock } from "@img/files";
import { asDeleted, newImage } from "../images/image.js";
import type { CompletedImage, ImageRecord } from "../images/image.js";
import { mustExist, NameTakenError } from "../images/image-store.js";
import type { Guard, ImageStore, PresignedUrl, SweepFailed } from "../images/image-store.js";
import type { ListPage, ListQuery } from "../images/image-list.js";
import { oneAtATime } from "../images/one-at-a-time.js";
import type { OneAtATime } from "../images/one-at-a-time.js";
import { MIN_PART_BYTES } from "../images/parts.js";
import { nameKey, ownerKey } from "../images/workspace.js";
import type { Workspace } from "../images/workspace.js";
import { imagePath, partPath } from "../objects/object-path.js";
import { urlSigner } from "../objects/presign.js";
import type { UrlSigner } from "../objects/presign.js";
import { Creations } from "./creations.js";
import type { DeletedImages } from "./deleted-images.js";
import { ImageIndex } from "./image-index.js";
import { listPage, orderOf } from "./list-page.js";
import type { Listed } from "./list-page.js";
import { OrderedList } from "./ordered-list.js";
import type { Reserve } from "./reserve.js";
import type { FolderStoreSettings } from "./settings.js";
import { CountedSpace } from "./space.js";
import type { Space } from "./space.js";
import { StoredImage } from "./stored-image.js";
import type { FoundImage, Surroundings } from "./stored-image.js";

/** The contents of a folder, as read by `openFolderStore`. */
export interface OpenedFolder {
  readonly found: readonly FoundImage[];
  readonly deleted: DeletedImages;
  readonly reserve: Reserve;
  /** The key that signs URLs. */
  readonly key: Buffer;
  readonly lock: Lock;
  readonly lapsed: Promise<Error>;
}

const DAY_MS = 86_400_000;

/** Keeps images in a folder of this machine, as its only server. */
export class FolderStore implements ImageStore {
  readonly signer: UrlSigner;
  readonly space: Space;
  /** Resolves if the lock was not renewed in time. Nothing is written from then on. */
  readonly lapsed: Promise<Error>;
  /** Changes of an image run under its id, creations under their workspace and name. */
  readonly #changes: OneAtATime = oneAtATime();
  readonly #settings: FolderStoreSettings;
  readonly #images = new ImageIndex();
  readonly #deleted: DeletedImages;
  readonly #creations: Creations;
  readonly #reserve: Reserve;
  readonly #lock: Lock;
  readonly #around: Surroundings;
  /** The last order that was used. Each new image gets a higher one. */
  #lastOrder: number;

  /** Use `openFolderStore`, which reads the folder first. */
  constructor(settings: FolderStoreSettings, opened: OpenedFolder) {
    const { fs, dir, clock, checkDigest, minPartBytes = MIN_PART_BYTES } = settings;
    this.#settings = settings;
    this.signer = urlSigner(opened.key);
    this.space = new CountedSpace(fs, dir, settings);
    this.lapsed = opened.lapsed;
    this.#deleted = opened.deleted;
    this.#creations = new Creations(fs, join(dir, "images"));
    this.#reserve = opened.reserve;
    this.#lock = opened.lock;
    const { space } = this;
    const shared = { fs, clock, checkDigest, minPartBytes, space, reserve: opened.reserve };
    this.#around = { ...shared, changes: this.#changes, failed: settings.failed };
    for (const one of opened.found) {
      if (one.record.deleted) this.#deleted.add(withDeletionTime(one.record, clock()), one.folder);
      else this.#images.add(new StoredImage(one, this.#around));
    }
    this.#lastOrder = Math.max(this.#deleted.lastOrder, opened.found.at(-1)?.record.order ?? 0);
  }

  get fs(): FileSystem {
    return this.#settings.fs;
  }

  /** Finds an image that is not deleted. */
  image(id: string): StoredImage | undefined {
    return this.#images.get(id);
  }

  create(workspace: Workspace, name: string): Promise<ImageRecord> {
    const key = nameKey({ ...workspace, name });
    return this.#changes.run(key, async () => {
      if (this.#images.named(key)) {
        throw new NameTakenError(`There is already an image named ${name}.`);
      }
      const record = this.#newRecord(workspace, name);
      const folder = await this.#creations.make(record);
      const created = { record, folder, parts: new Map(), activeMs: this.#settings.clock() };
      this.#images.add(new StoredImage(created, this.#around));
      return record;
    });
  }

  async find(id: string): Promise<ImageRecord | undefined> {
    return this.#images.get(id)?.record;
  }

  async findNamed(workspace: Workspace, name: string): Promise<ImageRecord | undefined> {
    return this.#images.named(nameKey({ ...workspace, name }))?.record;
  }

  isCursor(text: string): boolean {
    return orderOf(text) !== undefined;
  }

  async list(workspaces: readonly Workspace[], query: ListQuery): Promise<ListPage> {
    const owners = workspaces.map(ownerKey);
    if (query.ids) return listPage([this.#these(query.ids, owners)], query);
    const kinds = query.includeDeleted ? [this.#images, this.#deleted] : [this.#images];
    const lists = kinds.flatMap((kind): OrderedList<Listed>[] =>
      owners.flatMap((owner) => kind.of(owner) ?? []),
    );
    return listPage(lists, query);
  }

  async partUrl(id: string, part: number, origin: string, guard: Guard): Promise<PresignedUrl> {
    await this.#require(id, guard).startUploading(guard);
    return this.#presign("PUT", partPath(id, part), origin);
  }

  async downloadUrl(image: CompletedImage, origin: string): Promise<PresignedUrl> {
    return this.#presign("GET", imagePath(image.id), origin);
  }

  async complete(id: string, sha256: string, guard: Guard): Promise<CompletedImage> {
    return this.#require(id, guard).complete(guard, sha256);
  }

  async setRevoked(id: string, isRevoked: boolean, guard: Guard): Promise<ImageRecord> {
    return this.#require(id, guard).setRevoked(guard, isRevoked);
  }

  async remove(id: string, guard: Guard): Promise<ImageRecord> {
    const image = this.#require(id, guard);
    const record = await image.remove(guard);
    await this.#forget(image);
    return record;
  }

  async fail(id: string): Promise<void> {
    await this.#require(id, mustExist(id)).fail();
  }

  /** Removes images that had no part for `unfinishedTtlDays`, and records of images deleted `deletedTtlDays` ago. */
  async sweep(failed: SweepFailed): Promise<void> {
    const { clock, unfinishedTtlDays, deletedTtlDays } = this.#settings;
    const beforeMs = clock() - unfinishedTtlDays * DAY_MS;
    for (const image of this.#images.all()) {
      await this.#sweepImage(image, beforeMs).catch((error: unknown) =>
        failed(image.record.id, error),
      );
    }
    await this.#deleted.settle(failed);
    await this.#deleted.expire(Math.floor((clock() - deletedTtlDays * DAY_MS) / 1000));
    await this.#reserve.restore();
  }

  async close(): Promise<void> {
    await this.#changes.idle();
    // The next start removes what could not be removed.
    await this.#deleted.settle(() => undefined).catch(() => undefined);
    await this.#lock.release();
  }

  async #sweepImage(image: StoredImage, beforeMs: number): Promise<void> {
    if (await image.removeIfStale(beforeMs)) await this.#forget(image);
    else await image.removeLeftBytes();
  }

  /** Frees the name and the memory of an image that has just been deleted. */
  async #forget(image: StoredImage): Promise<void> {
    if (this.#images.get(image.record.id) !== image) return; // two calls have deleted it
    this.#images.remove(image);
    this.#deleted.add(image.record, image.folder);
    try {
      if (this.#deleted.isDue) await this.#deleted.settle(this.#settings.failed);
      await this.#reserve.restore();
    } catch (error) {
      this.#settings.failed(image.record.id, error);
    }
  }

  #require(id: string, guard: Guard): StoredImage {
    const image = this.#images.get(id);
    guard(image?.record);
    if (image === undefined) throw new Error("bug: a guard let an image through that is not there");
    return image;
  }

  #these(ids: readonly string[], owners: readonly string[]): OrderedList<Listed> {
    const found = [...new Set(ids)].flatMap((id) => this.#images.get(id) ?? []);
    return new OrderedList(found.filter(({ record }) => owners.includes(ownerKey(record))));
  }

  #newRecord(workspace: Workspace, name: string): ImageRecord {
    const id = `image_${randomBytes(12).toString("base64url")}`;
    const nowMs = this.#settings.clock();
    this.#lastOrder = Math.max(this.#lastOrder + 1, nowMs);
    return newImage({ id, ...workspace, name, order: this.#lastOrder }, nowMs);
  }

  #presign(method: string, path: string, origin: string): PresignedUrl {
    const expiresAtSec = Math.floor(this.#settings.clock() / 1000) + this.#settings.urlTtlSec;
    return { url: origin + this.signer.sign(method, path, expiresAtSec), expiresAtSec };
  }
}

/** Adds the time of deletion, which earlier versions did not write. */
const withDeletionTime = (record: ImageRecord, nowMs: number): ImageRecord =>
  record.deletedAtSec === undefined ? asDeleted(record, nowMs) : record;
