import { DigestFailedError, type Digest } from "@img/transfer";
import { RunningHash } from "./running-hash.js";
import { messageOf } from "../files/message-of.js";

/**
 * The digest of a file so small that a thread would take longer to start (35 ms, measured) than the whole
 * of it takes to hash.
 *
 * @param path The file that `updateFromFile` reads.
 */
export class OwnThreadDigest implements Digest {
  readonly #hash: RunningHash;
  #closed = false;

  constructor(path: string) {
    this.#hash = new RunningHash(path);
  }

  async update(bytes: Uint8Array): Promise<number> {
    return this.#do(() => this.#hash.takeMemory(bytes));
  }

  async updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    return this.#do(() => this.#hash.takeFile(offset, lengthBytes));
  }

  async finish(): Promise<string> {
    return this.#do(() => this.#hash.finish());
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#hash.close();
  }

  #do<Result>(work: () => Result): Result {
    try {
      if (this.#closed) throw new Error("it was closed");
      return work();
    } catch (cause) {
      throw new DigestFailedError(`The digest could not be made: ${messageOf(cause)}.`, { cause });
    }
  }
}
