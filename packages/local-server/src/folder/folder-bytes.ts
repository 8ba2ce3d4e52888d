import { removeIfPossible } from "@img/files";
import type { ByteRange } from "../http/byte-range.js";
import { isCompleted } from "../images/image.js";
import type { CompletedImage } from "../images/image.js";
import { BadDigestError, NoSuchUploadError } from "../objects/image-bytes.js";
import type { ImageBytes, IncomingPart } from "../objects/image-bytes.js";
import type { FolderStore } from "./folder-store.js";
import type { Manifest } from "./manifest.js";
import { readRange } from "./part-reader.js";
import type { PartWriter, WrittenPart } from "./part-writer.js";
import type { Room } from "./space.js";
import type { StoredImage } from "./stored-image.js";

/**
 * The number of manifests in memory. One of 10,000 parts has a megabyte; it is read once for all ranges of a
 * download.
 */
const MANIFESTS_KEPT = 8;

/** The bytes of the images in a folder. */
export class FolderBytes implements ImageBytes {
  readonly #store: Pick<FolderStore, "fs" | "image" | "space">;
  readonly #writer: PartWriter;
  readonly #manifests = new Map<string, Promise<Manifest>>();

  constructor(store: Pick<FolderStore, "fs" | "image" | "space">, writer: PartWriter) {
    this.#store = store;
    this.#writer = writer;
  }

  async put(part: IncomingPart): Promise<string> {
    const image = this.#store.image(part.id);
    if (image === undefined)
      throw new NoSuchUploadError("The upload is over: the image was deleted.");
    image.requireOpen();
    const room = await this.#store.space.reserve(image.record.account, part.declaredBytes);
    try {
      return await this.#receive(image, { ...part, body: counted(part.body, room) });
    } catch (error) {
      image.requireOpen(); // if it was deleted meanwhile, its folder may be gone
      throw error;
    } finally {
      room.release();
    }
  }

  find(id: string): CompletedImage | undefined {
    const record = this.#store.image(id)?.record;
    return record && isCompleted(record) ? record : undefined;
  }

  async *read(
    { id }: CompletedImage,
    range: ByteRange,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const image = this.#store.image(id);
    if (image === undefined) throw new NoSuchUploadError("The image was deleted.");
    yield* readRange(this.#store.fs, image.folder, await this.#manifest(image), range);
  }

  async #receive(image: StoredImage, part: IncomingPart): Promise<string> {
    const written = await this.#writer.write(image.folder.path, part.declaredBytes, part.body);
    try {
      requireMd5(part, written);
      await image.keepPart(part.number, written);
      return written.md5;
    } catch (error) {
      await removeIfPossible(this.#store.fs, written.path);
      throw error;
    }
  }

  #manifest(image: StoredImage): Promise<Manifest> {
    const { id } = image.record;
    const reading = this.#manifests.get(id) ?? image.folder.readManifest();
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

/** Passes the body on and counts it. @throws {StoreFullError} The space ran out before the whole part had arrived. */
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
  throw new BadDigestError("The Content-MD5 is not the MD5 of the bytes that arrived.");
}
