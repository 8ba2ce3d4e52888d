import { removeIfPossible } from "@img/files";
import type { ByteRange } from "../http/byte-range.js";
import type { Entry } from "./image-index.js";
import type { FolderStore } from "./folder-store.js";
import { isCompleted, isOpen } from "../images/image.js";
import type { CompletedImage } from "../images/image.js";

import type { Manifest, StoredPart } from "../images/manifest.js";
import { readRange } from "./part-reader.js";
import type { PartWriter, WrittenPart } from "./part-writer.js";
import type { Room } from "./space.js";

/** The image takes no parts: it was completed, failed or deleted, or never was. */
export class NoSuchUploadError extends Error {
  override readonly name = "NoSuchUploadError";
  readonly code = "NO_SUCH_UPLOAD";
}

/** The body isn't the one whose MD5 was announced. */
export class BadDigestError extends Error {
  override readonly name = "BadDigestError";
  readonly code = "BAD_DIGEST";
}

export interface IncomingPart {
  readonly id: string;
  readonly number: number;
  readonly declaredBytes: number;
  /** 32 lower-case hex digits, where the client said so. */
  readonly wantedMd5: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A manifest of 10,000 parts is a megabyte: read once for the ranges of one download, not kept for all. */
const MANIFESTS_KEPT = 8;

/** The folder's object store: what stands behind the presigned URLs. */
export class FolderObjects {
  readonly #store: FolderStore;
  readonly #writer: PartWriter;
  readonly #manifests = new Map<string, Promise<Manifest>>();

  constructor(store: FolderStore, writer: PartWriter) {
    this.#store = store;
    this.#writer = writer;
  }

  /**
   * Streams a part to disk; it counts, and replaces an earlier one of its number, once all of it is there.
   *
   * @returns The part's MD5.
   * @throws {NoSuchUploadError | BadDigestError | StoreFullError}
   */
  async put(part: IncomingPart): Promise<string> {
    const entry = this.#openEntry(part.id);
    const room = await this.#store.space.reserve(entry.record.account, part.declaredBytes);
    try {
      return await this.#receive(entry, { ...part, body: counted(part.body, room) });
    } finally {
      room.release();
    }
  }

  /** The completed, live image of that id. */
  find(id: string): CompletedImage | undefined {
    const record = this.#store.entry(id)?.record;
    return record && isCompleted(record) && !record.deleted ? record : undefined;
  }

  async *read(
    image: CompletedImage,
    range: ByteRange,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const entry = this.#store.entry(image.id);
    if (entry === undefined) throw new Error(`bug: ${image.id} was found and is not there`);
    yield* readRange(this.#store.settings.fs, entry.folder, await this.#manifest(entry), range);
  }

  #openEntry(id: string): Entry {
    const entry = this.#store.entry(id);
    if (entry && isOpen(entry.record)) return entry;
    throw new NoSuchUploadError("The upload is over: it was completed, failed or deleted.");
  }

  async #receive(entry: Entry, part: IncomingPart): Promise<string> {
    const { fs } = this.#store.settings;
    const written = await this.#writer.write(entry.folder.path, part.declaredBytes, part.body);
    try {
      requireMd5(part, written);
      await this.#store.alone(entry, () => this.#keep(entry, part.number, written));
      return written.md5;
    } catch (error) {
      await removeIfPossible(fs, written.path);
      throw error;
    }
  }

  /** Runs alone for its image: a part that comes after `complete` must not change what was completed. */
  async #keep(entry: Entry, number: number, written: WrittenPart): Promise<void> {
    const { fs, clock } = this.#store.settings;
    this.#openEntry(entry.record.id);
    const before = entry.parts.get(number);
    const { bytes, md5 } = written;
    const part: StoredPart = { number, bytes, md5, turn: entry.nextTurn++ };
    const path = entry.folder.partPath(part);
    await fs.rename(written.path, path);
    try {
      await fs.syncDir(entry.folder.path);
    } catch (error) {
      await removeIfPossible(fs, path);
      throw error;
    }
    entry.parts.set(number, part);
    entry.activeMs = clock();
    this.#store.space.add(entry.record.account, bytes - (before?.bytes ?? 0));
    if (before) await removeIfPossible(fs, entry.folder.partPath(before));
  }

  #manifest(entry: Entry): Promise<Manifest> {
    const { id } = entry.record;
    const reading = this.#manifests.get(id) ?? entry.folder.readManifest();
    this.#manifests.delete(id);
    this.#manifests.set(id, reading);
    reading.catch(() => this.#manifests.delete(id));
    const [oldest] = this.#manifests.keys();
    if (this.#manifests.size > MANIFESTS_KEPT && oldest !== undefined) {
      this.#manifests.delete(oldest);
    }
    return reading;
  }
}

/** @throws {StoreFullError} The room is gone before all of it has come. */
async function* counted(body: AsyncIterable<Uint8Array>, room: Room) {
  let bytes = 0;
  for await (const slice of body) {
    bytes += slice.length;
    room.arrived(bytes);
    yield slice;
  }
}

function requireMd5(part: IncomingPart, written: WrittenPart): void {
  if (written.bytes !== part.declaredBytes) {
    throw new Error(`bug: ${written.bytes} bytes came, ${part.declaredBytes} were declared`);
  }
  if (part.wantedMd5 === undefined || part.wantedMd5 === written.md5) return;
  throw new BadDigestError("The Content-MD5 is not the MD5 of the bytes that came.");
}
