import type { Identity } from "@img/transfer";
import { crc32InSlices } from "./crc32.js";
import type { ImageSource } from "./image-source.js";
import { sourceChanged } from "./source-errors.js";
import { versionOf, type UrlFile } from "./url-file.js";
import { askUrl, UrlTroubleError } from "./url-request.js";

// Loaded with the first URL: most pages never need it.

/** How long a read waits before each retry; after the last one it fails. Received bytes start the list again. */
const waitsMs = [0, 1_000, 2_000, 4_000, 8_000, 16_000];

/** A file on a web server as the source of an upload, fetched by ranges. */
export class UrlSource implements ImageSource {
  readonly label: string;
  readonly sizeBytes: number;
  readonly identity: Identity;
  /** The worker that makes the digest is given the bytes. */
  readonly blob = null;
  /** Given if the server gives neither a strong ETag nor Last-Modified. */
  readonly crc32Now?: (offset: number, lengthBytes: number) => Promise<number>;
  readonly #file: UrlFile;

  constructor(file: UrlFile) {
    this.#file = file;
    this.label = file.name;
    this.sizeBytes = file.sizeBytes;
    const { etag, lastModified, url } = file;
    const version = etag ?? lastModified;
    this.identity = {
      url: url.origin + url.pathname,
      size: String(file.sizeBytes),
      ...(version !== null && { version }),
    };
    if (version === null) this.crc32Now = (...range) => this.#crc32Now(...range);
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    let doneBytes = 0;
    for (let tries = 0; doneBytes < into.length;) {
      try {
        for await (const piece of this.#pieces(offset + doneBytes, offset + into.length, signal)) {
          into.set(piece, doneBytes);
          doneBytes += piece.length;
          tries = 0;
        }
      } catch (error) {
        const waitMs = waitsMs[tries++];
        if (!(error instanceof UrlTroubleError) || waitMs === undefined) throw error;
        await passed(waitMs, signal);
      }
    }
    signal.throwIfAborted();
  }

  async check(): Promise<void> {
    await this.read(this.sizeBytes - 1, new Uint8Array(1), new AbortController().signal);
  }

  async close(): Promise<void> {}

  async #crc32Now(offset: number, lengthBytes: number): Promise<number> {
    const bytes = new Uint8Array(lengthBytes);
    await this.read(offset, bytes, new AbortController().signal);
    return crc32InSlices(bytes);
  }

  /** Reads the bytes from `offset` to `end`; throws if the answer ends early. */
  async *#pieces(offset: number, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const answer = await askUrl(this.#file.url, `bytes=${offset}-${end - 1}`, signal);
    const reader = answer.body?.getReader();
    try {
      this.#checkVersion(answer);
      for (let leftBytes = end - offset; leftBytes > 0;) {
        const piece = await this.#next(reader, signal);
        if (piece.length > leftBytes) throw this.#changed("more bytes came than were asked for");
        leftBytes -= piece.length;
        yield piece;
      }
    } finally {
      await reader?.cancel().catch(() => undefined);
    }
  }

  async #next(
    reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const read = await reader?.read().catch(() => undefined);
    signal.throwIfAborted();
    if (read?.value !== undefined) return read.value;
    throw new UrlTroubleError(`${this.label} broke off in the middle of an answer.`, {
      advice: "Run it again to resume.",
    });
  }

  #checkVersion({ status, headers }: Response): void {
    const { etag, lastModified } = versionOf(headers);
    const file = this.#file;
    if (status !== 206) throw this.#changed(`its server answers ${status} to a range`);
    if (etag !== file.etag || (etag === null && lastModified !== file.lastModified)) {
      throw this.#changed("its server has another version of it");
    }
  }

  #changed(why: string): Error {
    return sourceChanged(this.label, new Error(why));
  }
}

function passed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
