import type { DiskFormat } from "./disk.js";

// Marks an error as one of a transfer for `isTransferError` of `@img/transfer`. This package does not depend
// on that one.
const brand = Symbol.for("@img/transfer-error");

/**
 * The base of all errors about the content of a disk image. Errors of reading the file are passed on unchanged.
 */
export abstract class DiskFormatError extends Error {
  /** The kind of error, for a `switch`; it never changes. */
  abstract readonly code: string;
  /** What happened and why. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string;
  /** The format that the image was read as. */
  readonly format: DiskFormat;
  constructor(format: DiskFormat, what: string, advice: string, options?: ErrorOptions) {
    super(`${what} ${advice}`, options);
    this.name = new.target.name;
    this.what = what;
    this.advice = advice;
    this.format = format;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** The file contradicts itself or is incomplete. Get it again, or check it with `qemu-img check`. */
export class FormatDamagedError extends DiskFormatError {
  readonly code = "FORMAT_DAMAGED";
  constructor(format: DiskFormat, what: string, options?: ErrorOptions) {
    super(
      format,
      `The ${format} image is damaged or incomplete: ${what}.`,
      "Get the file again, or look at it with qemu-img check.",
      options,
    );
  }
}

/**
 * The image is valid, but needs something that is not supported, such as another file or a key. The message
 * says what to do.
 */
export class FormatUnsupportedError extends DiskFormatError {
  readonly code = "FORMAT_UNSUPPORTED";
  constructor(format: DiskFormat, what: string, todo: string) {
    super(format, `The ${format} image ${what}.`, todo);
  }
}

/** The file is not in the format that the caller named. */
export class FormatMismatchError extends DiskFormatError {
  readonly code = "FORMAT_MISMATCH";
  constructor(format: DiskFormat, found: DiskFormat) {
    super(
      format,
      `The file is not a ${format} image${found === "raw" ? "" : `, but ${found}`}.`,
      found === "raw"
        ? 'Let the format be detected, or send the bytes as they are with format "raw".'
        : "Let the format be detected.",
    );
  }
}
