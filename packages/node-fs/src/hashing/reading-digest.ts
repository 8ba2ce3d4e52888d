import type { Digest, Source } from "@img/transfer";
import { WorkerDigest } from "./digest.js";

/**
 * A digest whose thread has no file to read: what it must see again is read through the source, into
 * memory that the thread shares. What is asked for meanwhile waits its turn.
 */
export class ReadingDigest implements Digest {
  readonly #source: Source;
  readonly #digest = new WorkerDigest("");
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #buffer: Uint8Array = new Uint8Array(0);

  constructor(source: Source) {
    this.#source = source;
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

  /** In the order of the calls. After a failure all that follow fail with it. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine;
    mine.catch(() => undefined); // the caller has it too
    return mine;
  }

  /** Nothing is read while the thread has it. */
  #memory(lengthBytes: number): Uint8Array {
    if (this.#buffer.length < lengthBytes) {
      this.#buffer = new Uint8Array(new SharedArrayBuffer(lengthBytes));
    }
    return this.#buffer.subarray(0, lengthBytes);
  }
}
