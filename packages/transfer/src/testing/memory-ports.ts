import { createHash, type Hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { SourceChangedError, TargetExistsError } from "../errors.js";
import type {
  Digest,
  Reading,
  SequentialSource,
  Sink,
  SinkSize,
  Source,
  StreamSource,
} from "../ports.js";
import { kept } from "../promises/kept.js";
import { aborted } from "./faults.js";
import { slowly } from "./manual-clock.js";

/** Bytes that look random and are the same each time. */
export function seededBytes(lengthBytes: number, seed: number = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(lengthBytes / 4));
  let x = seed;
  for (let at = 0; at < words.length; at++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[at] = x;
  }
  return new Uint8Array(words.buffer, 0, lengthBytes);
}

/** A source in memory, as slow as a disk. */
export class MemorySource implements Source {
  readonly label = "disk.img";
  bytes: Uint8Array;
  identity: Readonly<Record<string, string>> = { mtime: "1" };
  format = "raw";
  mayReadTwice = false;
  changed = false;
  reopen?: NonNullable<Source["reopen"]>;
  crc32Now?: NonNullable<Source["crc32Now"]>;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** From here on it says nothing of a change. */
  hideChanges(): void {
    this.crc32Now = async (offset, lengthBytes) =>
      crc32(this.bytes.subarray(offset, offset + lengthBytes));
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    await slowly(signal);
    await this.check();
    into.set(this.bytes.subarray(offset, offset + into.length));
  }

  async check(): Promise<void> {
    if (this.changed) throw new SourceChangedError("it was written to");
  }
}

/** A source in memory that is read from its start, as slow as a disk. */
export class MemorySequence implements SequentialSource {
  readonly label = "disk.img.xz";
  readonly sizeBytes = null;
  bytes: Uint8Array;
  identity: Readonly<Record<string, string>> = { mtime: "1" };
  format = "xz";
  changed = false;
  reopen?: NonNullable<SequentialSource["reopen"]>;
  /** How much each reading has given, the last one last. */
  readonly readings: number[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  async open(signal: AbortSignal): Promise<Reading> {
    await slowly(signal);
    const stream = streamOf(this.bytes);
    const index = this.readings.push(0) - 1;
    return {
      label: this.label,
      read: async (into, reading) => {
        const lengthBytes = await stream.read(into, reading);
        this.readings[index]! += lengthBytes;
        return lengthBytes;
      },
      close: () => Promise.resolve(),
    };
  }

  async check(): Promise<void> {
    if (this.changed) throw new SourceChangedError("it was written to");
  }
}

/** Bytes that come once. */
export function streamOf(bytes: Uint8Array): StreamSource {
  let at = 0;
  return {
    label: "a stream",
    read: async (into, signal) => {
      await slowly(signal);
      const piece = bytes.subarray(at, at + into.length);
      into.set(piece);
      at += piece.length;
      return piece.length;
    },
  };
}

/** A sink in memory, as slow as a disk: a part file, and the target that it becomes. */
export class MemorySink implements Sink {
  readonly label = "copy.img";
  identity = "part-file-1";
  part: Uint8Array = new Uint8Array();
  target: Uint8Array | null = null;
  syncs = 0;

  open(): Promise<boolean> {
    return Promise.resolve(this.part.length > 0);
  }

  async prepare({ sizeBytes }: SinkSize, keep: boolean): Promise<void> {
    if (!keep || this.part.length !== sizeBytes) this.part = new Uint8Array(sizeBytes);
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await slowly(signal);
    this.part.set(bytes, offset);
  }

  async sync(): Promise<void> {
    await slowly();
    this.syncs++;
  }

  async commit(): Promise<void> {
    if (this.target !== null) throw new TargetExistsError(this.label, "already there");
    this.target = this.part;
  }

  async discard(): Promise<void> {
    this.part = new Uint8Array();
  }
}

/**
 * A digest on this thread, as slow as one in another: it takes calls in order, ends them all when one
 * fails, and rejects what is pending when it is closed.
 */
export class MemoryDigest implements Digest {
  readonly #hash: Hash = createHash("sha256");
  readonly #file: () => Uint8Array;
  readonly #closing = new AbortController();
  readonly #closed = kept(aborted(this.#closing.signal));
  #last: Promise<unknown> = Promise.resolve();
  readInto?: NonNullable<Digest["readInto"]>;
  /** Called before bytes are taken; may wait, or throw. */
  beforeTaking: () => Promise<void> | void = () => undefined;

  /** @param file What `updateFromFile` reads. */
  constructor(file: () => Uint8Array) {
    this.#file = file;
  }

  update(bytes: Uint8Array): Promise<number> {
    return this.inTurn(async () => {
      await this.beforeTaking();
      this.#hash.update(bytes);
      return crc32(bytes);
    });
  }

  updateFromFile(offset: number, lengthBytes: number): Promise<number> {
    const bytes = this.#file().subarray(offset, offset + lengthBytes);
    if (bytes.length === lengthBytes) return this.update(bytes);
    return Promise.reject(new Error("the file ends there"));
  }

  finish(): Promise<string> {
    return this.inTurn(async () => this.#hash.digest("hex"));
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the digest is closed"));
  }

  protected inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#closing;
    const taken = this.#last.then(async () => {
      await slowly(signal);
      return work();
    });
    this.#last = kept(taken);
    return Promise.race([taken, this.#closed]);
  }
}
