import { setTimeout } from "node:timers/promises";
import { DigestFailedError, kept, type Digest } from "@img/transfer";
import { DigestThreads, type DigestThread } from "./digest-threads.js";
import type { DigestQuestion, DigestReply } from "./digest-worker.js";
import type { FilledPart } from "./running-hash.js";
import { OwnThreadDigest } from "./own-thread-digest.js";

/** At 1 GiB/s it takes 4 ms. */
const smallBytes = 4 * 1024 * 1024;

/** Whether a thread for the digest of so many bytes takes longer to start than they take to hash. */
export const isSmall = (sizeBytes: number): boolean => sizeBytes <= smallBytes;

/** Opens the digest of a file: in the calling thread if the file is small, else in a thread. */
export function fileDigest(path: string, sizeBytes: number, threads?: DigestThreads): Digest {
  return isSmall(sizeBytes) ? new OwnThreadDigest(path) : new WorkerDigest(path, threads);
}

/** Allocates memory that the digest's thread reads without a copy. */
export const sharedMemory = (bytes: number): Uint8Array =>
  new Uint8Array(new SharedArrayBuffer(bytes));

let digests = 0;
/** An abort has to be over within a second. */
const longestEndMs = 500;

/**
 * Native SHA-256 in another thread, over the very memory that the lanes send: over TLS, hashing
 * off the main thread is worth a third of the speed (measured on 2 cores).
 *
 * @param path The file that `updateFromFile` reads.
 * @param threads Where it is made. @default a thread of its own
 */
export class WorkerDigest implements Digest {
  readonly #path: string;
  readonly #threads: DigestThreads;
  readonly #thread: DigestThread;
  readonly #digest: number = digests++;
  #closing: Promise<void> | null = null;

  constructor(path: string, threads: DigestThreads = DigestThreads.own()) {
    this.#path = path;
    this.#threads = threads;
    this.#thread = threads.take();
  }

  async update(bytes: Uint8Array): Promise<number> {
    return crcOf(await this.#ask({ kind: "memory", bytes }));
  }

  async updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    return crcOf(await this.#ask({ kind: "file", offset, lengthBytes }));
  }

  /** See `RunningHash.fillFrom`. */
  async fillFrom(offset: number, into: Uint8Array): Promise<FilledPart | null> {
    const reply = await this.#ask({ kind: "fill", offset, into });
    if ("filled" in reply) return reply.filled;
    throw new DigestFailedError(failedWith(reply));
  }

  async finish(): Promise<string> {
    const reply = await this.#ask({ kind: "finish" });
    if ("sha256" in reply) return reply.sha256;
    throw new DigestFailedError(failedWith(reply));
  }

  close(): Promise<void> {
    return (this.#closing ??= kept(this.#close()));
  }

  /** A shared thread is waited for: until it has answered, it may read memory that others would get next. */
  async #close(): Promise<void> {
    const { isShared } = this.#threads;
    const isUsable = isShared && (await this.#isClosed());
    await this.#threads.giveBack(this.#thread, isUsable);
  }

  /** False if the thread hangs in a read of a dead disk. */
  async #isClosed(): Promise<boolean> {
    const timer = new AbortController();
    const { signal } = timer;
    const late = setTimeout(longestEndMs, false, { signal }).catch(() => false);
    const closed = this.#send({ kind: "close" }).then(
      () => true,
      () => false,
    );
    return Promise.race([closed, late]).finally(() => timer.abort());
  }

  async #ask(question: DigestQuestion): Promise<DigestReply> {
    if (this.#closing !== null) throw new DigestFailedError("The digest was closed.");
    return this.#send(question);
  }

  #send(question: DigestQuestion): Promise<DigestReply> {
    return this.#thread.answers.ask({ ...question, digest: this.#digest, path: this.#path });
  }
}

function crcOf(reply: DigestReply): number {
  if ("crc32" in reply) return reply.crc32;
  throw new DigestFailedError(failedWith(reply));
}

const failedWith = (reply: DigestReply): string =>
  `The digest could not be made: ${"error" in reply ? reply.error : "the thread gave an invalid answer"}.`;
