import { createHash } from "node:crypto";
import type { Workspace } from "../images/workspace.js";
import type { World } from "../../../files/src/crash-test/sweep.js";
import { Violation } from "../../../files/src/crash-test/sweep.js";
import { FolderBytes } from "../folder/folder-bytes.js";
import type { FolderStore } from "../folder/folder-store.js";
import { openFolderStore } from "../folder/open-folder-store.js";
import { Md5Threads } from "../folder/md5-threads.js";
import { PartBuffers } from "../folder/part-buffers.js";
import { PartWriter } from "../folder/part-writer.js";
import { NoSuchUploadError } from "../objects/image-bytes.js";
import type { ImageHistory, StoreHistory } from "./store-history.js";
import { partAcknowledged, partAsked } from "./store-history.js";

export const dir = "/srv/images";
export const workspace: Workspace = { account: "default", workspace: "default" };
export const md5Of = (text: string): string => createHash("md5").update(text).digest("hex");
export const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

const buffers = new PartBuffers();
/** These threads never start: the parts are too small. */
const threads = new Md5Threads();

/** One run of a server on the folder. Its calls and answers are recorded in the history. */
export class StoreProcess {
  readonly #world: World;
  readonly #history: StoreHistory;
  #store: FolderStore | undefined;
  #bytes: FolderBytes | undefined;

  constructor(world: World, history: StoreHistory) {
    this.#world = world;
    this.#history = history;
  }

  get store(): FolderStore {
    if (this.#store === undefined) throw new Error("bug: the store is not open");
    return this.#store;
  }

  async open(): Promise<void> {
    const { fs } = this.#world;
    this.#store = await openFolderStore({
      fs,
      dir,
      maxStoreBytes: Infinity,
      maxAccountBytes: Infinity,
      urlTtlSec: 60,
      unfinishedTtlDays: 7,
      deletedTtlDays: 7,
      failed: () => undefined,
      checkDigest: false,
      clock: () => 1_700_000_000_000,
      locking: this.#world.process,
      minPartBytes: 1,
      reserveBytes: 4,
    });
    this.#bytes = new FolderBytes(this.#store, new PartWriter(fs, buffers, threads));
    await this.#tried(() => this.store.sweep(() => undefined));
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  /** Creates an image. @returns Whether the image exists now; a name that is taken already is not a fault. */
  async create(name: string): Promise<void> {
    const { images, maybeCreated } = this.#history;
    const isTaken = [...images.values()].some((one) => one.name === name && !isGone(one));
    if (isTaken) return;
    maybeCreated.add(name);
    const image = await this.#tried(() => this.store.create(workspace, name));
    if (image === undefined) return;
    maybeCreated.delete(name);
    const fresh = { parts: [], at: "open", wasCompleted: false, digests: [] } as const;
    images.set(image.id, { id: image.id, name, ...fresh });
  }

  async put(id: string, number: number, body: string): Promise<void> {
    const { images } = this.#history;
    images.set(id, partAsked(this.#image(id), number, body));
    const bytes = Buffer.from(body);
    const declaredBytes = bytes.length;
    const part = { id, number, declaredBytes, wantedMd5: undefined, body: inPieces(bytes) };
    try {
      const md5 = await this.#tried(() => this.#bytes!.put(part));
      if (md5 !== undefined) images.set(id, partAcknowledged(this.#image(id), number, body));
    } catch (error) {
      const image = this.#image(id);
      if (!(error instanceof NoSuchUploadError) || image.at === "open") throw error;
      // The completion that was answered with a 500 was durable after a restart.
      images.set(id, { ...image, at: "completed" });
    }
  }

  async complete(id: string): Promise<void> {
    const { images } = this.#history;
    const image = this.#image(id);
    const isCertain = image.parts.every(({ bodies }) => bodies.length === 1);
    const sha256 = isCertain ? sha256Of(image.parts.map(({ bodies }) => bodies[0]).join("")) : "";
    // The answer of an earlier completion may have been lost although its record was durable: then its digest
    // counts.
    images.set(id, { ...image, at: "completing", digests: [...image.digests, sha256] });
    const done = await this.#tried(() => this.store.complete(id, sha256, (found) => found!));
    if (done === undefined) return;
    images.set(id, { ...this.#image(id), at: "completed", digests: [done.state.sha256] });
  }

  async remove(id: string): Promise<void> {
    const { images } = this.#history;
    const image = this.#image(id);
    images.set(id, { ...image, at: "deleting", wasCompleted: image.at === "completed" });
    const done = await this.#tried(() => this.store.remove(id, (found) => found!));
    if (done !== undefined) images.set(id, { ...this.#image(id), at: "deleted" });
  }

  /** Reads the bytes of a completed image, as a client gets them. */
  async read(id: string): Promise<Buffer> {
    const image = this.#bytes!.find(id);
    if (image === undefined) throw new Violation(`${id} can't be read`);
    const pieces: Buffer[] = [];
    const whole = { from: 0, to: image.state.imageBytes - 1 };
    for await (const bytes of this.#bytes!.read(image, whole)) pieces.push(Buffer.from(bytes));
    return Buffer.concat(pieces);
  }

  #image(id: string): ImageHistory {
    const image = this.#history.images.get(id);
    if (image === undefined) throw new Error(`bug: no history of ${id}`);
    return image;
  }

  /** Runs a call. A failure is answered with 500, and the server continues. */
  async #tried<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (this.#world.sound || !isFault(error)) throw error;
      return undefined;
    }
  }
}

const isGone = ({ at }: ImageHistory): boolean => at === "deleted";

/** Whether an error is one that the disk of the sweeps causes. */
export const isFault = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EIO";

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  const middle = Math.ceil(bytes.length / 2);
  yield bytes.subarray(0, middle);
  yield bytes.subarray(middle);
}
