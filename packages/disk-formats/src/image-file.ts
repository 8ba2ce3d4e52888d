import type { DiskFile, DiskFormat } from "./disk.js";
import { FormatDamagedError } from "./errors.js";

/** Reads the ranges that an image's headers name, and never allocates more than the file has. */
export class ImageFile {
  readonly format: DiskFormat;
  readonly sizeBytes: number;
  readonly #file: DiskFile;

  constructor(file: DiskFile, format: DiskFormat) {
    this.#file = file;
    this.format = format;
    this.sizeBytes = file.sizeBytes;
  }

  /**
   * Fails with FormatDamagedError unless the file has the whole range. `what` names the range in the message.
   */
  check(what: string, offset: number, lengthBytes: number): void {
    if (offset + lengthBytes <= this.sizeBytes) return;
    throw this.damaged(
      `${what} would lie at ${offset} to ${offset + lengthBytes}, but the file has ${this.sizeBytes} bytes`,
    );
  }

  async bytes(
    what: string,
    offset: number,
    lengthBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    this.check(what, offset, lengthBytes);
    const bytes = new Uint8Array(lengthBytes);
    await this.#file.read(offset, bytes, signal);
    return bytes;
  }

  /** Reads a range that the caller has checked. */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#file.read(offset, into, signal);
  }

  damaged(what: string, cause?: unknown): FormatDamagedError {
    return new FormatDamagedError(this.format, what, cause === undefined ? undefined : { cause });
  }
}
