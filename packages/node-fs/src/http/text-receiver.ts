import type { Receiver } from "./exchange.js";

/** Of an answer that is kept as text: an error's XML is short. */
const mostText = 64 * 1024;

/** Ends an answer whose text is longer than is kept: it may never end by itself. */
export class EnoughText extends Error {
  constructor() {
    super("the answer's text is longer than is kept");
  }
}

/** Keeps an answer's body as text. @throws {EnoughText} It is longer than is kept. */
export class TextReceiver implements Receiver {
  readonly #pieces: Uint8Array[] = [];
  #keptBytes = 0;

  onHead(): void {
    // Whatever the status, the body is text.
  }

  onBytes(bytes: Uint8Array): void {
    const piece = bytes.subarray(0, mostText - this.#keptBytes);
    this.#pieces.push(new Uint8Array(piece));
    this.#keptBytes += piece.length;
    if (piece.length < bytes.length) throw new EnoughText();
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString("utf8");
  }
}
