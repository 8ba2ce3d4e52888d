import { kept } from "@img/transfer";
import type { ImageWorker } from "./image-worker-client.js";
import type { WorkerAnswer } from "./image-worker-protocol.js";

const pieceBytes = 1024 * 1024;
/** While the worker hashes one, the next are copied; more would only be memory. */
const mostOut = 4;

/**
 * Parts of a page's memory on their way to the worker. It can see none of that, so each goes over in pieces
 * that are copied into a few buffers, which come back and are used again.
 */
export class MemoryPieces {
  readonly #worker: ImageWorker;
  readonly #out: Promise<WorkerAnswer>[] = [];

  constructor(worker: ImageWorker) {
    this.#worker = worker;
  }

  /**
   * @returns Once all of the part is sent, and its memory may be used again: what its last piece is
   *   answered, the part's CRC-32.
   */
  async send(part: Uint8Array): Promise<{ readonly answered: Promise<WorkerAnswer> }> {
    let at = 0;
    for (;;) {
      const piece = part.subarray(at, at + pieceBytes);
      const answered = kept(this.#sendPiece(await this.#memory(), piece, at === 0));
      at += piece.length;
      if (at === part.length) return { answered };
    }
  }

  #sendPiece(memory: ArrayBuffer, piece: Uint8Array, beginsPart: boolean): Promise<WorkerAnswer> {
    const bytes = new Uint8Array(memory, 0, piece.length);
    bytes.set(piece);
    const answered = kept(this.#worker.ask({ kind: "memory", bytes, beginsPart }));
    this.#out.push(answered);
    return answered;
  }

  async #memory(): Promise<ArrayBuffer> {
    if (this.#out.length < mostOut) return new ArrayBuffer(pieceBytes);
    const { memory } = (await this.#out.shift()) ?? {};
    return memory ?? new ArrayBuffer(pieceBytes);
  }
}
