import { kept } from "@img/transfer";
import type { ImageWorker } from "./image-worker-client.js";
import type { WorkerAnswer } from "./image-worker-protocol.js";

const pieceBytes = 1024 * 1024;
/** While the worker hashes one piece, the next ones are copied. More pieces would only cost memory. */
const mostOut = 4;

/**
 * Sends parts to the worker. The worker cannot read the page's memory, so each part is copied in pieces into a few
 * buffers, which come back and are used again.
 */
export class MemoryPieces {
  readonly #worker: ImageWorker;
  readonly #out: Promise<WorkerAnswer>[] = [];

  constructor(worker: ImageWorker) {
    this.#worker = worker;
  }

  /**
   * @returns Resolves when the part's memory may be used again. `answered` is the answer to the last piece, the
   *   part's CRC-32.
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
