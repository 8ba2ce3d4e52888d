import { kept } from "../promises/kept.js";
import type { Digest, DigestSaving, Source } from "../ports.js";

/**
 * A digest of a source that is not a file: parts that must be hashed again are read through the source, into
 * memory that the digest can use. Later calls wait for their turn.
 */
export class ReadingDigest implements Digest {
  readonly saving?: DigestSaving;
  readonly #source: Source;
  readonly #digest: Digest;
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #buffer: Uint8Array = new Uint8Array(0);

  /**
   * @param digest Closed with this one. Its `updateFromFile` is never called.
   * @param allocate Memory that it takes bytes from, as `Platform.allocate` gives it.
   */
  constructor(source: Source, digest: Digest, allocate: (bytes: number) => Uint8Array) {
    this.#source = source;
    this.#digest = digest;
    this.#allocate = allocate;
    const { saving } = digest;
    if (saving !== undefined) {
      this.saving = {
        startBytes: saving.startBytes,
        save: () => this.#next(() => saving.save()),
      };
    }
  }

  update(bytes: Uint8Array): Promise<number> {
    return this.#next(() => this.#digest.update(bytes));
  }

  updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    return this.#next(async () => {
      const bytes = this.#memory(lengthBytes);
      await this.#source.read(offset, bytes, this.#closing.signal);
      return this.#digest.update(bytes);
    });
  }

  finish(): Promise<string> {
    return this.#next(() => this.#digest.finish());
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#digest.close();
    await this.#last.catch(() => undefined);
  }

  /** Runs work in the order of the calls. After a failure all later calls fail. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = kept(this.#last.then(work));
    this.#last = mine;
    return mine;
  }

  /** Returns memory to read into; reused, since nothing is read while the digest uses it. */
  #memory(lengthBytes: number): Uint8Array {
    if (this.#buffer.length < lengthBytes) this.#buffer = this.#allocate(lengthBytes);
    return this.#buffer.subarray(0, lengthBytes);
  }
}
