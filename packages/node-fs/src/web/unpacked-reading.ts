import { kept, untilAborted, type Reading } from "@img/transfer";
import { copiedRead } from "../compressed/copied-read.js";
import type {
  DecodeReply,
  DecodeRequest,
  MorePacked,
  PackedInThread,
  WantsMore,
} from "../compressed/decode-worker.js";
import { decodeWorkerScript } from "../compressed/decode-worker-script.js";
import { checkUnpacked, unpackError } from "../compressed/unpack-errors.js";
import { AnsweringThread } from "../threads/answering-thread.js";
import type { CompressedUrlSource } from "./compressed-url.js";

/** What is taken of the compressed file at once. */
const packedPieceBytes = 256 * 1024;

/** Unpacks a compressed file while it comes from a web server, in a thread of its own. */
export class UnpackedReading implements Reading {
  readonly label: string;
  readonly #source: CompressedUrlSource;
  readonly #packed: Reading;
  readonly #thread: AnsweringThread<DecodeRequest | MorePacked, DecodeReply | WantsMore>;
  readonly #closing = new AbortController();
  #filling: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;
  #unpackedBytes = 0;

  constructor(source: CompressedUrlSource) {
    this.label = source.label;
    this.#source = source;
    this.#packed = source.openPacked();
    const given: PackedInThread = { fd: null, compression: source.format };
    this.#thread = new AnsweringThread(decodeWorkerScript(), given, "the unpacked bytes");
  }

  async read(into: Uint8Array, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const filling = kept(copiedRead(into, (shared) => this.#fill(shared)));
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
    await this.#packed.close();
    await this.#filling.catch(() => undefined);
  }

  async #fill(into: Uint8Array): Promise<number> {
    let reply = await this.#thread.ask(into);
    while ("wantsMore" in reply) reply = await this.#thread.ask({ packed: await this.#next() });
    if ("fault" in reply) {
      await this.#source.check(); // a file that changed is not a damaged one
      throw unpackError(reply, this.#source);
    }
    this.#unpackedBytes += reply.lengthBytes;
    checkUnpacked(this.#unpackedBytes, this.#source);
    return reply.lengthBytes;
  }

  async #next(): Promise<Uint8Array | null> {
    const piece = new Uint8Array(packedPieceBytes);
    const lengthBytes = await this.#packed.read(piece, this.#closing.signal);
    // A copy, since a view would take all of its memory along to the thread.
    return lengthBytes === 0 ? null : piece.slice(0, lengthBytes);
  }
}
