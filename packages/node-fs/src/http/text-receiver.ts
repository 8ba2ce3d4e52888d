import type { Receiver } from "./exchange.js";

/** Of an answer that is kept as text: an error's XML is short. */
const mostText = 64 * 1024;

/** Keeps an answer's body as text, as far as it goes. */
export class TextReceiver implements Receiver {
  readonly #pieces: Uint8Array[] = [];
  #keptBytes = 0;

  onHead(): void {
    // Whatever the status, the body is text.
  }

  onBytes(bytes: Uint8Array): void {
    const piece = bytes.subarray(0, mostText - this.#keptBytes);
    if (piece.length === 0) return;
    this.#pieces.push(new Uint8Array(piece));
    this.#keptBytes += piece.length;
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString("utf8");
  }
}
