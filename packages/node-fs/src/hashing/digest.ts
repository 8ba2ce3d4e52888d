import { DigestFailedError, kept, type Digest } from "@img/transfer";
import { soon } from "../threads/thread.js";
import { DigestThreads, type DigestThread } from "./digest-threads.js";
import {
  RunningHash,
  type DigestQuestion,
  type DigestReply,
  type FilledPart,
} from "./running-hash.js";

/** At 1 GiB/s it takes 4 ms. */
const smallBytes = 4 * 1024 * 1024;

/** Whether a thread for the digest of so many bytes takes longer to start (35 ms, measured) than they take to hash. */
export const isSmall = (sizeBytes: number): boolean => sizeBytes <= smallBytes;

/** Opens the digest of a file: in the calling thread if the file is small, else in a thread. */
export function fileDigest(path: string, sizeBytes: number, threads?: DigestThreads): Digest {
  return isSmall(sizeBytes) ? new OwnThreadDigest(path) : new WorkerDigest(path, threads);
}

/** Allocates memory that the digest's thread reads without a copy. */
export const sharedMemory = (bytes: number): Uint8Array =>
  new Uint8Array(new SharedArrayBuffer(bytes));

/** A digest that is made by asking a `RunningHash`, wherever that is. */
abstract class AskedDigest implements Digest {
  #closing: Promise<void> | null = null;

  /** Has the hash answer. */
  protected abstract ask(question: DigestQuestion): Promise<DigestReply>;

  /** Lets go of the hash. */
  protected abstract end(): Promise<void>;

  async update(bytes: Uint8Array): Promise<number> {
    return (await this.#answer({ kind: "memory", bytes }, "crc32")).crc32;
  }

  async updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    return (await this.#answer({ kind: "file", offset, lengthBytes }, "crc32")).crc32;
  }

  /** See `RunningHash.fillFrom`. */
  async fillFrom(offset: number, into: Uint8Array): Promise<FilledPart | null> {
    return (await this.#answer({ kind: "fill", offset, into }, "filled")).filled;
  }

  async finish(): Promise<string> {
    return (await this.#answer({ kind: "finish" }, "sha256")).sha256;
  }

  close(): Promise<void> {
    return (this.#closing ??= kept(this.end()));
  }

  async #answer<Key extends "crc32" | "filled" | "sha256">(
    question: DigestQuestion,
    key: Key,
  ): Promise<Extract<DigestReply, Record<Key, unknown>>> {
    if (this.#closing !== null) throw new DigestFailedError("The digest was closed.");
    const reply = await this.ask(question);
    if (key in reply) return reply as Extract<DigestReply, Record<Key, unknown>>;
    const why = "error" in reply ? reply.error : "the thread gave an invalid answer";
    throw new DigestFailedError(`The digest could not be made: ${why}.`);
  }
}

/** The digest of a small file, made in the calling thread. @param path The file that `updateFromFile` reads. */
class OwnThreadDigest extends AskedDigest {
  readonly #hash: RunningHash;

  constructor(path: string) {
    super();
    this.#hash = new RunningHash(path);
  }

  protected override async ask(question: DigestQuestion): Promise<DigestReply> {
    return this.#hash.answer(question);
  }

  protected override async end(): Promise<void> {
    this.#hash.close();
  }
}

let digests = 0;

/**
 * Native SHA-256 in another thread, over the very memory that the lanes send: over TLS, hashing
 * off the main thread is worth a third of the speed (measured on 2 cores).
 *
 * @param path The file that `updateFromFile` reads.
 * @param threads Where it is made. @default a thread of its own
 */
export class WorkerDigest extends AskedDigest {
  readonly #path: string;
  readonly #threads: DigestThreads;
  readonly #thread: DigestThread;
  readonly #digest: number = digests++;

  constructor(path: string, threads: DigestThreads = DigestThreads.own()) {
    super();
    this.#path = path;
    this.#threads = threads;
    this.#thread = threads.take();
  }

  protected override ask(question: DigestQuestion): Promise<DigestReply> {
    return this.#thread.answers.ask({ ...question, digest: this.#digest, path: this.#path });
  }

  /** A shared thread is waited for: until it has answered, it may read memory that others would get next. */
  protected override async end(): Promise<void> {
    const hasAnswered = this.#threads.isShared && (await soon(kept(this.ask({ kind: "close" }))));
    const isUsable = hasAnswered && !this.#thread.answers.gone;
    await this.#threads.giveBack(this.#thread, isUsable);
  }
}
