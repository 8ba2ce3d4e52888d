import { DigestFailedError, type Digest } from "@img/transfer";
import type { FilledPart } from "./running-hash.js";
import type { DigestReply, DigestRequest } from "./digest-worker.js";
import { digestWorkerScript } from "./digest-worker-script.js";
import { OwnThreadDigest } from "./own-thread-digest.js";
import { AnsweringThread } from "../threads/answering-thread.js";

/** At 1 GiB/s it takes 4 ms. */
const smallBytes = 4 * 1024 * 1024;

/** Whether a thread for the digest of so many bytes takes longer to start than they take to hash. */
export const isSmall = (sizeBytes: number): boolean => sizeBytes <= smallBytes;

/** The digest of a file of so many bytes, where it is made soonest. */
export function fileDigest(path: string, sizeBytes: number): Digest {
  return isSmall(sizeBytes) ? new OwnThreadDigest(path) : new WorkerDigest(path);
}

/** The digest's thread sees it without a copy. */
export const sharedMemory = (bytes: number): Uint8Array =>
  new Uint8Array(new SharedArrayBuffer(bytes));

/**
 * Native SHA-256 in a thread of its own, over the very memory that the lanes send: over TLS, hashing
 * off the main thread is worth a third of the speed (measured on 2 cores).
 *
 * @param path The file that `updateFromFile` reads.
 */
export class WorkerDigest implements Digest {
  readonly #thread: AnsweringThread<DigestRequest, DigestReply>;

  constructor(path: string) {
    this.#thread = new AnsweringThread(digestWorkerScript(), { path }, "the digest");
  }

  async update(bytes: Uint8Array): Promise<number> {
    return crcOf(await this.#thread.ask({ kind: "memory", bytes }));
  }

  async updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    return crcOf(await this.#thread.ask({ kind: "file", offset, lengthBytes }));
  }

  /** See `RunningHash.fillFrom`. */
  async fillFrom(offset: number, into: Uint8Array): Promise<FilledPart | null> {
    const reply = await this.#thread.ask({ kind: "fill", offset, into });
    if ("filled" in reply) return reply.filled;
    throw new DigestFailedError(failedWith(reply));
  }

  async finish(): Promise<string> {
    const reply = await this.#thread.ask({ kind: "finish" });
    if ("sha256" in reply) return reply.sha256;
    throw new DigestFailedError(failedWith(reply));
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}

function crcOf(reply: DigestReply): number {
  if ("crc32" in reply) return reply.crc32;
  throw new DigestFailedError(failedWith(reply));
}

const failedWith = (reply: DigestReply): string =>
  `The digest could not be made: ${"error" in reply ? reply.error : "the thread answered nonsense"}.`;
