import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { creations } from "./creations.js";
import type { Creations } from "./creations.js";
import type { Lock } from "@img/files";
import { newEntry, storedBytes } from "./image-index.js";
import type { Entry, FolderIndex } from "./image-index.js";
import { isCompleted, isOpen, newImage, withRevoked } from "../images/image.js";
import type { CompletedImage, ImageRecord, ImageState } from "../images/image.js";
import { mustExist, NameTakenError } from "../images/image-store.js";
import type {
  Guard,
  ImageStore,
  Page,
  PageQuery,
  PresignedUrl,
  SweepFailed,
} from "../images/image-store.js";
import type { FolderStoreSettings } from "./settings.js";
import { joinParts } from "./join-parts.js";
import { MIN_PART_BYTES } from "../images/manifest.js";
import { oneAtATime } from "../images/one-at-a-time.js";
import type { OneAtATime } from "../images/one-at-a-time.js";
import { imagePath, partPath } from "../objects/object-path.js";
import { orderOf, pageOf } from "../images/pagination.js";
import { urlSigner } from "../objects/presign.js";
import type { UrlSigner } from "../objects/presign.js";
import { CountedSpace } from "./space.js";
import type { Space } from "./space.js";
import { nameKey, ownerKey } from "../images/workspace.js";
import type { Workspace } from "../images/workspace.js";

/** Images in a folder of this machine, of which it is the only server. */
export class FolderStore implements ImageStore {
  readonly signer: UrlSigner;
  readonly space: Space;
  /** A change of an image runs under its id, a creation under its workspace and name. */
  readonly #changes: OneAtATime = oneAtATime();
  readonly settings: FolderStoreSettings;
  readonly #index: FolderIndex;
  readonly #creations: Creations;
  readonly #lock: Lock;
  /** Resolves if the lock could not be renewed in time; nothing is written from then on. */
  readonly lapsed: Promise<Error>;

  /** Use `openFolderStore`, which reads the folder first. */
  constructor(
    settings: FolderStoreSettings,
    opened: { index: FolderIndex; key: Buffer; lock: Lock; lapsed: Promise<Error> },
  ) {
    this.settings = settings;
    this.signer = urlSigner(opened.key);
    this.space = new CountedSpace(settings.fs, settings.dir, settings);
    this.#index = opened.index;
    this.#creations = creations(settings.fs, join(settings.dir, "images"));
    this.#lock = opened.lock;
    this.lapsed = opened.lapsed;
    for (const entry of opened.index.all())
      this.space.add(entry.record.account, storedBytes(entry));
  }

  entry(id: string): Entry | undefined {
    return this.#index.get(id);
  }

  create(workspace: Workspace, name: string): Promise<ImageRecord> {
    const key = nameKey({ ...workspace, name });
    return this.#changes.run(key, async () => {
      if (this.#index.named(key)) {
        throw new NameTakenError(`There is an image named ${name} already.`);
      }
      const record = this.#newRecord(workspace, name);
      const folder = await this.#creations.make(record);
      this.#index.add(newEntry(record, folder, this.settings.clock()));
      return record;
    });
  }

  async find(id: string): Promise<ImageRecord | undefined> {
    return this.#index.get(id)?.record;
  }

  async findNamed(workspace: Workspace, name: string): Promise<ImageRecord | undefined> {
    return this.#index.named(nameKey({ ...workspace, name }))?.record;
  }

  isCursor(text: string): boolean {
    return orderOf(text) !== undefined;
  }

  async page(workspaces: readonly Workspace[], query: PageQuery): Promise<Page> {
    const owners = new Set(workspaces.map(ownerKey));
    const all = [...this.#index.all()].map((entry) => entry.record);
    const images = all.filter((image) => owners.has(ownerKey(image)));
    return pageOf(
      images.sort((a, b) => b.order - a.order),
      query,
    );
  }

  async partUrl(
    id: string,
    partNumber: number,
    origin: string,
    guard: Guard,
  ): Promise<PresignedUrl> {
    if (guard(this.#index.get(id)?.record).state.at === "started") {
      await this.#change(id, guard, (entry) =>
        entry.record.state.at === "started"
          ? this.#setState(entry, { at: "uploading" })
          : undefined,
      );
    }
    return this.#presign("PUT", partPath(id, partNumber), origin);
  }

  async downloadUrl(image: CompletedImage, origin: string): Promise<PresignedUrl> {
    return this.#presign("GET", imagePath(image.id), origin);
  }

  async complete(id: string, sha256: string, guard: Guard): Promise<CompletedImage> {
    const record = await this.#change(id, guard, (entry) =>
      isCompleted(entry.record) ? undefined : this.#join(entry, sha256),
    );
    if (!isCompleted(record)) throw new Error("bug: an image that was joined is not completed");
    return record;
  }

  async setRevoked(id: string, isRevoked: boolean, guard: Guard): Promise<ImageRecord> {
    return this.#change(id, guard, (entry) =>
      this.#setRecord(entry, withRevoked(entry.record, isRevoked)),
    );
  }

  async remove(id: string, guard: Guard): Promise<ImageRecord> {
    return this.#change(id, guard, (entry) => this.#delete(entry));
  }

  async fail(id: string): Promise<void> {
    await this.#change(id, mustExist(id), (entry) =>
      this.#dropBytes(entry, { ...entry.record, state: { at: "failed" } }),
    );
  }

  /** Removes images that were never completed and have had no part for `unfinishedTtlDays`. */
  async sweep(failed: SweepFailed): Promise<void> {
    const beforeMs = this.settings.clock() - this.settings.unfinishedTtlDays * 86_400_000;
    for (const entry of [...this.#index.all()]) {
      const { id } = entry.record;
      await this.#sweepImage(entry, beforeMs).catch((error: unknown) => failed(id, error));
    }
  }

  async #sweepImage(entry: Entry, beforeMs: number): Promise<void> {
    const isStale = () => isOpen(entry.record) && entry.activeMs < beforeMs;
    if (isStale()) {
      await this.alone(entry, async () => {
        if (isStale()) await this.#delete(entry);
      });
    }
    if (entry.hasLeftBytes) await this.#removeBytes(entry);
  }

  async close(): Promise<void> {
    await this.#changes.idle();
    await this.#lock.release();
  }

  /** Runs a change while no other change of the image does. */
  alone<T>(entry: Entry, change: () => Promise<T>): Promise<T> {
    return this.#changes.run(entry.record.id, async () => {
      if (entry.inDoubt) await this.#setRecord(entry, entry.record);
      return change();
    });
  }

  async #change(
    id: string,
    guard: Guard,
    change: (entry: Entry) => Promise<void> | undefined,
  ): Promise<ImageRecord> {
    const entry = this.#index.get(id);
    guard(entry?.record);
    if (entry === undefined) throw new Error("bug: a guard let an image through that is not there");
    return this.alone(entry, async () => {
      guard(entry.record);
      await change(entry);
      return entry.record;
    });
  }

  #newRecord(workspace: Workspace, name: string): ImageRecord {
    const id = `image_${randomBytes(12).toString("base64url")}`;
    const nowMs = this.settings.clock();
    return newImage({ id, ...workspace, name, order: this.#index.nextOrder(nowMs) }, nowMs);
  }

  async #setState(entry: Entry, state: ImageState): Promise<void> {
    await this.#setRecord(entry, { ...entry.record, state });
  }

  async #setRecord(entry: Entry, record: ImageRecord): Promise<void> {
    entry.inDoubt = true;
    await entry.folder.writeRecord(record);
    entry.inDoubt = false;
    entry.record = record;
  }

  async #delete(entry: Entry): Promise<void> {
    await this.#dropBytes(entry, { ...entry.record, deleted: true });
    this.#index.release(entry.record);
  }

  /** The record says so first: bytes that a crash leaves behind are removed at the next start. */
  async #dropBytes(entry: Entry, record: ImageRecord): Promise<void> {
    const bytes = storedBytes(entry);
    await this.#setRecord(entry, record);
    entry.parts = new Map();
    this.space.add(record.account, -bytes);
    await this.#removeBytes(entry).catch((error: unknown) =>
      this.settings.failed?.(record.id, error),
    );
  }

  async #removeBytes(entry: Entry): Promise<void> {
    entry.hasLeftBytes = true;
    await entry.folder.removeBytes();
    entry.hasLeftBytes = false;
  }

  /** The manifest is written first; the record makes it count. */
  async #join(entry: Entry, sha256: string): Promise<void> {
    const { fs, checkDigest, minPartBytes = MIN_PART_BYTES, clock } = this.settings;
    const nowSec = Math.floor(clock() / 1000);
    const wanted = { sha256, checkDigest, minPartBytes, nowSec };
    await this.#setState(entry, await joinParts(fs, entry, wanted));
    entry.parts = new Map();
  }

  #presign(method: string, path: string, origin: string): PresignedUrl {
    const expiresAtSec = Math.floor(this.settings.clock() / 1000) + this.settings.urlTtlSec;
    return { url: origin + this.signer.sign(method, path, expiresAtSec), expiresAtSec };
  }
}
