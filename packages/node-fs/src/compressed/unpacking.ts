import {
  CompressedDamagedError,
  CompressedUnsupportedError,
  DiskError,
  ImageSizeError,
  kept,
  limits,
  untilAborted,
  type Reading,
} from "@img/transfer";
import type { FileSource } from "../files/file-source.js";
import { sharedMemory } from "../hashing/digest.js";
import { AnsweringThread } from "../threads/answering-thread.js";
import type { UnpackedSource } from "./compressed-source.js";
import type {
  DecodeReply,
  DecodeRequest,
  MorePacked,
  PackedInThread,
  WantsMore,
} from "./decode-worker.js";
import { decodeWorkerScript } from "./decode-worker-script.js";
import type { DecodeFault } from "./decoder.js";

/** A file on this machine, which the thread reads itself. */
type LocalFile = Pick<FileSource, "fd" | "look">;

/** How much of a reading is given to the thread at once. */
const packedPieceBytes = 256 * 1024;

/** Unpacks a compressed file in a thread of its own, into the memory that the lanes send from. */
export class Unpacking implements Reading {
  readonly label: string;
  readonly #source: UnpackedSource;
  readonly #file: LocalFile | null;
  readonly #packed: Reading | null;
  readonly #thread: AnsweringThread<DecodeRequest | MorePacked, DecodeReply | WantsMore>;
  readonly #closing = new AbortController();
  #filling: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;
  #unpackedBytes = 0;

  /** @param packed The compressed file, or a reading of it, which is closed with this one. */
  constructor(source: UnpackedSource, packed: LocalFile | Reading) {
    this.label = source.label;
    this.#source = source;
    [this.#file, this.#packed] = "fd" in packed ? [packed, null] : [null, packed];
    const given: PackedInThread = { fd: this.#file?.fd ?? null, compression: source.format };
    this.#thread = new AnsweringThread(decodeWorkerScript(), given, "the unpacked bytes");
  }

  async read(into: Uint8Array, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const filling = kept(this.#fill(into));
    this.#filling = filling;
    try {
      return await untilAborted(filling, signal);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing.abort(new Error("the reading was closed"));
    await this.#thread.close();
    await this.#packed?.close();
    await this.#filling.catch(() => undefined);
  }

  /** Fills the memory, by way of shared memory if it is not shared with the thread. */
  async #fill(into: Uint8Array): Promise<number> {
    if (into.buffer instanceof SharedArrayBuffer) return this.#unpack(into);
    const shared = sharedMemory(into.length);
    const lengthBytes = await this.#unpack(shared);
    into.set(shared.subarray(0, lengthBytes));
    return lengthBytes;
  }

  async #unpack(into: Uint8Array): Promise<number> {
    let reply = await this.#thread.ask(into);
    while ("wantsMore" in reply) reply = await this.#thread.ask({ packed: await this.#next() });
    const { signal } = this.#closing;
    if (this.#file !== null) await untilAborted(this.#file.look(), signal);
    if ("fault" in reply) {
      await untilAborted(this.#source.check(), signal); // a file that changed is not a damaged one
      throw unpackError(reply, this.#source);
    }
    this.#unpackedBytes += reply.lengthBytes;
    checkUnpacked(this.#unpackedBytes, this.#source);
    return reply.lengthBytes;
  }

  async #next(): Promise<Uint8Array | null> {
    const piece = new Uint8Array(packedPieceBytes);
    const lengthBytes = (await this.#packed?.read(piece, this.#closing.signal)) ?? 0;
    // A copy, since a view would take all of its memory along to the thread.
    return lengthBytes === 0 ? null : piece.slice(0, lengthBytes);
  }
}

/** The error that a decoder's fault is. */
function unpackError(
  { fault, why, position }: DecodeFault,
  { label, unpackCommand, packedBytes }: UnpackedSource,
): Error {
  if (fault === "other") return new DiskError(`Could not unpack ${label}: ${why}`);
  return fault === "damaged"
    ? new CompressedDamagedError(label, why, { offset: position, sizeBytes: packedBytes })
    : new CompressedUnsupportedError(label, why, unpackCommand);
}

/** @throws {ImageSizeError} */
function checkUnpacked(unpackedBytes: number, { label, packedBytes }: UnpackedSource): void {
  if (unpackedBytes <= limits.maxImageBytes) return;
  const ratio =
    packedBytes === null
      ? ""
      : `: ${Math.floor(unpackedBytes / packedBytes)} times its own ${packedBytes} bytes`;
  const what = `${label} unpacks to more than the 128 GiB of an image${ratio}.`;
  throw new ImageSizeError(unpackedBytes, null, what);
}
