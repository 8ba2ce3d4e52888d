import type { DiskFile } from "@img/disk-formats";
import type { Reading } from "@img/transfer";

/** Reads a file from its first byte to its last by its offsets. */
export class RangeReading implements Reading {
  readonly label: string;
  readonly #file: DiskFile;
  #position = 0;

  constructor(label: string, file: DiskFile) {
    this.label = label;
    this.#file = file;
  }

  async read(into: Uint8Array, signal: AbortSignal): Promise<number> {
    const lengthBytes = Math.min(into.length, this.#file.sizeBytes - this.#position);
    await this.#file.read(this.#position, into.subarray(0, lengthBytes), signal);
    this.#position += lengthBytes;
    return lengthBytes;
  }

  async close(): Promise<void> {}
}
