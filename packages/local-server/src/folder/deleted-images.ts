import { join } from "node:path";
import { type FileSystem, hasCode, readText, writeAtomically, writeFully } from "@img/files";
import { readImage } from "../images/image.js";
import type { ImageRecord } from "../images/image.js";
import type { SweepFailed } from "../images/image-store.js";
import { oneAtATime } from "../images/one-at-a-time.js";
import { ownerKey } from "../images/workspace.js";
import type { ImageFolder } from "./image-folder.js";
import { OrderedList } from "./ordered-list.js";

/**
 * A deleted image that lists still show. It is kept as JSON text, which takes a fifth of the record's memory.
 */
class DeletedImage {
  readonly order: number;
  readonly deletedAtSec: number;
  readonly #text: string;

  constructor(text: string, { order, deletedAtSec = 0 }: ImageRecord) {
    this.order = order;
    this.deletedAtSec = deletedAtSec;
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  get record(): ImageRecord {
    return readImage(JSON.parse(this.#text) as ImageRecord);
  }
}

/** A deleted image whose folder still exists. */
interface Left {
  readonly record: ImageRecord;
  readonly text: string;
  readonly folder: ImageFolder;
  /** Whether its record is in the file. */
  isWritten: boolean;
}

const fileName = "deleted.jsonl";

/** How many folders are removed together. The sync of the file takes as long as removing a few of them. */
const AT_ONCE = 64;

/**
 * The records of deleted images, one a line in one file, so that a start does not read their folders. A folder
 * is removed once its record is in that file.
 */
export class DeletedImages {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #byOwner = new Map<string, OrderedList<DeletedImage>>();
  #left: Left[] = [];
  /** The length of the file's complete lines. */
  #bytes = 0;
  readonly #changes = oneAtATime();

  constructor(fs: FileSystem, dir: string) {
    this.#fs = fs;
    this.#dir = dir;
  }

  /**
   * Reads the file. Bytes that a crash left after the last complete line are overwritten.
   *
   * @param failed Called if lines are damaged: the server starts without them.
   */
  async read(failed: SweepFailed): Promise<void> {
    const text = await this.#readDurably();
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const lines = whole.split("\n").filter((line) => line !== "");
    const images = lines.flatMap((line) => imageIn(line) ?? []);
    const found = new Map<string, DeletedImage[]>();
    for (const { owner, image } of images) {
      const list = found.get(owner) ?? [];
      found.set(owner, list);
      list.push(image);
    }
    for (const [owner, list] of found) this.#byOwner.set(owner, new OrderedList(list));
    this.#bytes = Buffer.byteLength(whole);
    const damaged = lines.length - images.length;
    if (damaged === 0) return;
    failed(
      fileName,
      new Error(`${damaged} lines of ${this.#path} are damaged: they are left out.`),
    );
    await this.#rewrite().catch((error: unknown) => failed(fileName, error));
  }

  /** Returns the deleted images of a workspace, keyed as by `ownerKey`. */
  of(owner: string): OrderedList<DeletedImage> | undefined {
    return this.#byOwner.get(owner);
  }

  /** Adds an image whose record is marked as deleted. Its folder stays until `settle`. */
  add(record: ImageRecord, folder: ImageFolder): void {
    const text = JSON.stringify(record);
    const list = this.#byOwner.get(ownerKey(record)) ?? new OrderedList<DeletedImage>();
    this.#byOwner.set(ownerKey(record), list);
    const isWritten = list.has(record.order);
    if (!isWritten) list.add(new DeletedImage(text, record));
    this.#left.push({ record, text, folder, isWritten });
  }

  /** The highest order of all of them. */
  get lastOrder(): number {
    const last = [...this.#byOwner.values()].map((list) => list.all().at(-1)?.order ?? 0);
    return Math.max(0, ...last);
  }

  /** Whether `settle` should be called. */
  get isDue(): boolean {
    return this.#left.length >= AT_ONCE;
  }

  /**
   * Writes the records of new ones to the file, and removes their folders. The next call tries again what
   * failed.
   *
   * @param failed Gets the error if a folder cannot be removed.
   */
  settle(failed: SweepFailed): Promise<void> {
    return this.#changes.run("", async () => {
      const batch = this.#left.splice(0);
      try {
        await this.#append(batch.filter(({ isWritten }) => !isWritten));
      } catch (error) {
        this.#left.unshift(...batch);
        throw error;
      }
      for (const one of batch) {
        await one.folder.remove().catch((error: unknown) => {
          this.#left.push(one);
          failed(one.record.id, error);
        });
      }
    });
  }

  /** Removes the records of images that were deleted before this time. */
  expire(beforeSec: number): Promise<void> {
    return this.#changes.run("", async () => {
      const lists = [...this.#byOwner.values()];
      const expired = lists.map((list) => list.keep((one) => one.deletedAtSec >= beforeSec));
      if (!expired.some((count) => count > 0)) return;
      await this.#rewrite();
    });
  }

  get #path(): string {
    return join(this.#dir, fileName);
  }

  /** Syncs the file and reads it: what a killed process wrote may not be durable yet. */
  async #readDurably(): Promise<string> {
    const text = await readText(this.#fs, this.#path);
    if (text === undefined) return "";
    const file = await this.#fs.open(this.#path, "update");
    await file.datasync().finally(() => file.close());
    await this.#fs.syncDir(this.#dir);
    return text;
  }

  async #rewrite(): Promise<void> {
    const lists = [...this.#byOwner.values()];
    const text = lists.flatMap((list) => list.all().map((one) => `${one.text}\n`)).join("");
    await writeAtomically(this.#fs, this.#path, text);
    this.#bytes = Buffer.byteLength(text);
    for (const left of this.#left) left.isWritten = true;
  }

  async #append(left: readonly Left[]): Promise<void> {
    if (left.length === 0) return;
    const bytes = Buffer.from(left.map(({ text }) => `${text}\n`).join(""));
    const file = await this.#open();
    try {
      await file.truncate(this.#bytes); // a write that failed may have left part of a line
      await writeFully(file, bytes, this.#bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    this.#bytes += bytes.length;
    for (const one of left) one.isWritten = true;
  }

  async #open() {
    try {
      return await this.#fs.open(this.#path, "update");
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
      const file = await this.#fs.open(this.#path, "create", 0o600);
      await this.#fs.syncDir(this.#dir);
      return file;
    }
  }
}

/** Parses a line; undefined if it is not a record. */
function imageIn(line: string): { owner: string; image: DeletedImage } | undefined {
  try {
    const record = readImage(JSON.parse(line) as ImageRecord);
    if (!Number.isSafeInteger(record.order)) return undefined;
    return { owner: ownerKey(record), image: new DeletedImage(line, record) };
  } catch {
    return undefined;
  }
}
