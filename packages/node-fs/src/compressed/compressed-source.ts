import {
  CompressedDamagedError,
  CompressedUnsupportedError,
  DiskError,
  ImageSizeError,
  limits,
  SourceChangedError,
  untilAborted,
  type Identity,
  type Reading,
  type SequentialSource,
} from "@img/transfer";
import type { FileSource } from "../files/file-source.js";
import { sharedMemory } from "../hashing/digest.js";
import { AnsweringThread } from "../threads/answering-thread.js";
import { compressionIn, unpackCommand, type Compression } from "./compression.js";
import type { DecodeFault } from "./decoder.js";
import type { DecodeReply, DecodeRequest, PackedInThread } from "./decode-worker.js";
import { decodeWorkerScript } from "./decode-worker-script.js";

/** A compressed file as the source of an upload: its bytes are those that it unpacks to. */
export interface CompressedSource extends SequentialSource, AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  readonly format: Compression;
  /** Of the file itself. */
  readonly packedBytes: number;
  reopen(signal: AbortSignal): Promise<void>;
  /** Idempotent. `await using` calls it. */
  close(): Promise<void>;
}

/** @param file Closed with the source. */
export const compressedSource = (file: FileSource, compression: Compression): CompressedSource =>
  new OpenCompressedSource(file, compression);

class OpenCompressedSource implements CompressedSource {
  readonly path: string;
  readonly label: string;
  readonly sizeBytes = null;
  readonly format: Compression;
  readonly packedBytes: number;
  readonly #file: FileSource;

  constructor(file: FileSource, compression: Compression) {
    this.path = file.path;
    this.label = file.label;
    this.packedBytes = file.sizeBytes;
    this.format = compression;
    this.#file = file;
  }

  get identity(): Identity {
    return this.#file.identity;
  }

  async open(signal: AbortSignal): Promise<Reading> {
    signal.throwIfAborted();
    return new DecodedReading(this.#file, this.format);
  }

  check(): Promise<void> {
    return this.#file.check();
  }

  async reopen(signal: AbortSignal): Promise<void> {
    await this.#file.reopen();
    if ((await compressionIn(this.#file, signal)) === this.format) return;
    throw new SourceChangedError(`${this.path} is no ${this.format} file any more`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Unpacks in a thread of its own, into the memory that the lanes send from. */
class DecodedReading implements Reading {
  readonly label: string;
  readonly #file: FileSource;
  readonly #compression: Compression;
  readonly #thread: AnsweringThread<DecodeRequest, DecodeReply>;
  #unpackedBytes = 0;

  constructor(file: FileSource, compression: Compression) {
    this.label = file.label;
    this.#file = file;
    this.#compression = compression;
    const given: PackedInThread = { fd: file.fd, compression };
    this.#thread = new AnsweringThread(decodeWorkerScript(), given, "the unpacked bytes");
  }

  async read(into: Uint8Array, signal: AbortSignal): Promise<number> {
    if (!(into.buffer instanceof SharedArrayBuffer)) return this.#readCopied(into, signal);
    const reply = await untilAborted(this.#thread.ask(into), signal);
    await this.#file.look();
    if ("fault" in reply) throw await this.#errorOf(reply);
    this.#unpackedBytes += reply.lengthBytes;
    if (this.#unpackedBytes > limits.maxImageBytes) throw this.#tooLarge();
    return reply.lengthBytes;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  async #readCopied(into: Uint8Array, signal: AbortSignal): Promise<number> {
    const shared = sharedMemory(into.length);
    const lengthBytes = await this.read(shared, signal);
    into.set(shared.subarray(0, lengthBytes));
    return lengthBytes;
  }

  /** A file that changed is not a damaged one. */
  async #errorOf({ fault, why, position }: DecodeFault): Promise<Error> {
    await this.#file.check();
    const { path, sizeBytes } = this.#file;
    if (fault === "other") return new DiskError(`Could not unpack ${path}: ${why}`);
    return fault === "damaged"
      ? new CompressedDamagedError(path, why, { offset: position, sizeBytes })
      : new CompressedUnsupportedError(path, why, unpackCommand(path, this.#compression));
  }

  #tooLarge(): ImageSizeError {
    const { path, sizeBytes } = this.#file;
    const times = Math.floor(this.#unpackedBytes / sizeBytes);
    const what = `${path} unpacks to more than the 128 GiB of an image: ${times} times its own ${sizeBytes} bytes.`;
    return new ImageSizeError(this.#unpackedBytes, null, what);
  }
}
