import { checkWindow, sound } from "../decode-faults.js";
import type { PackedBytes } from "../packed-bytes.js";
import { LzmaDecoder } from "./lzma-decoder.js";
import { LzmaWindow } from "./lzma-window.js";

const mostChunkBytes = 2 * 1024 * 1024;

/** The dictionary that a byte in the block's header stands for. @throws {Unsound | NotDecoded} None, or too large. */
export function dictionaryBytesOf(code: number): number {
  sound(code <= 40, "a dictionary has an impossible size");
  const bytes = code === 40 ? 2 ** 32 - 1 : (2 | (code & 1)) * 2 ** ((code >> 1) + 11);
  checkWindow(bytes);
  return bytes;
}

export const lzma2Window = (dictionaryBytes: number): LzmaWindow =>
  new LzmaWindow(dictionaryBytes, mostChunkBytes);

/** What the next chunk has to bring along. */
type Needs = "dictionary" | "properties" | "state" | "nothing";

/** Decodes LZMA2: chunks that each say how long they are, packed and unpacked. */
export class Lzma2 {
  readonly #packed: PackedBytes;
  readonly #window: LzmaWindow;
  readonly #decoder: LzmaDecoder;
  #needs: Needs = "dictionary";

  constructor(packed: PackedBytes, window: LzmaWindow) {
    this.#packed = packed;
    this.#window = window;
    this.#decoder = new LzmaDecoder(window);
  }

  /** Each piece is overwritten when the next is asked for. */
  async *decode(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const control = (await this.#packed.exactly(1))[0]!;
      if (control === 0) return;
      this.#window.makeRoom(mostChunkBytes);
      const from = this.#window.at;
      if (control < 0x80) await this.#store(control);
      else await this.#unpack(control);
      yield this.#window.bytes.subarray(from, this.#window.at);
    }
  }

  async #store(control: number): Promise<void> {
    sound(control <= 2, "a chunk is of no known kind");
    if (control === 1) this.#resetDictionary();
    sound(this.#needs !== "dictionary", "the first chunk does not reset the dictionary");
    const [high = 0, low = 0] = await this.#packed.exactly(2);
    this.#decoder.store(await this.#packed.exactly((high << 8) + low + 1));
  }

  async #unpack(control: number): Promise<void> {
    const resets = (control >> 5) & 3;
    const head = await this.#packed.exactly(resets >= 2 ? 5 : 4);
    const unpackedBytes = ((control & 31) << 16) + (head[0]! << 8) + head[1]! + 1;
    const packedBytes = (head[2]! << 8) + head[3]! + 1;
    if (resets === 3) this.#resetDictionary();
    sound(this.#needs !== "dictionary", "the first chunk does not reset the dictionary");
    if (resets >= 2) {
      sound(this.#decoder.setProperties(head[4]!), "a chunk has impossible properties");
      this.#needs = "state";
    }
    sound(this.#needs !== "properties", "a chunk has no properties");
    if (resets >= 1) {
      this.#decoder.resetState();
      this.#needs = "nothing";
    }
    sound(this.#needs === "nothing", "a chunk does not reset the state");
    const chunk = await this.#packed.exactly(packedBytes);
    sound(this.#decoder.decode(chunk, unpackedBytes), "a chunk cannot be unpacked");
  }

  #resetDictionary(): void {
    this.#decoder.resetDictionary();
    this.#needs = "properties";
  }
}
