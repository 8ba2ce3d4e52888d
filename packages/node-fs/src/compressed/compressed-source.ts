import {
  SourceChangedError,
  untilAborted,
  type Identity,
  type Reading,
  type SequentialSource,
} from "@img/transfer";
import type { FileSource } from "../files/file-source.js";
import { AnsweringThread } from "../threads/answering-thread.js";
import { compressionIn, unpackCommand, type Compression } from "./compression.js";
import { copiedRead } from "./copied-read.js";
import type { DecodeReply, DecodeRequest, PackedInThread } from "./decode-worker.js";
import { decodeWorkerScript } from "./decode-worker-script.js";
import { checkUnpacked, unpackError } from "./unpack-errors.js";

/** A compressed file as the source of an upload: its bytes are those that it unpacks to. */
export interface UnpackedSource extends SequentialSource {
  readonly format: Compression;
  /** Unpacks the file by hand, and uploads it. */
  readonly unpackCommand: string;
}

/** A compressed file on this machine. */
export interface CompressedSource extends UnpackedSource, AsyncDisposable {
  /** Absolute. */
  readonly path: string;
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
  readonly unpackCommand: string;
  readonly packedBytes: number;
  readonly #file: FileSource;

  constructor(file: FileSource, compression: Compression) {
    this.path = file.path;
    this.label = file.label;
    this.packedBytes = file.sizeBytes;
    this.format = compression;
    this.unpackCommand = unpackCommand(file.path, compression);
    this.#file = file;
  }

  get identity(): Identity {
    return this.#file.identity;
  }

  async open(signal: AbortSignal): Promise<Reading> {
    signal.throwIfAborted();
    return new DecodedReading(this.#file, this);
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
  readonly #source: CompressedSource;
  readonly #thread: AnsweringThread<DecodeRequest, DecodeReply>;
  #unpackedBytes = 0;

  constructor(file: FileSource, source: CompressedSource) {
    this.label = file.label;
    this.#file = file;
    this.#source = source;
    const given: PackedInThread = { fd: file.fd, compression: source.format };
    this.#thread = new AnsweringThread(decodeWorkerScript(), given, "the unpacked bytes");
  }

  read(into: Uint8Array, signal: AbortSignal): Promise<number> {
    return copiedRead(into, (shared) => this.#read(shared, signal));
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  async #read(into: Uint8Array, signal: AbortSignal): Promise<number> {
    const reply = await untilAborted(this.#thread.ask(into), signal);
    await this.#file.look();
    if ("fault" in reply) {
      await this.#file.check(); // a file that changed is not a damaged one
      throw unpackError(reply, this.#source);
    }
    this.#unpackedBytes += reply.lengthBytes;
    checkUnpacked(this.#unpackedBytes, this.#source);
    return reply.lengthBytes;
  }
}
