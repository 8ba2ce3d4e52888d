import {
  CompressedDamagedError,
  CompressedUnsupportedError,
  DiskError,
  ImageSizeError,
  limits,
} from "@img/transfer";
import type { DecodeFault } from "./decoder.js";

/** What errors say of a compressed file. */
interface PackedFile {
  readonly label: string;
  readonly unpackCommand: string;
  /** Of the file itself; null if that is not known. */
  readonly packedBytes: number | null;
}

/** The error that a decoder's fault is. */
export function unpackError(
  { fault, why, position }: DecodeFault,
  { label, unpackCommand, packedBytes }: PackedFile,
): Error {
  if (fault === "other") return new DiskError(`Could not unpack ${label}: ${why}`);
  return fault === "damaged"
    ? new CompressedDamagedError(label, why, { offset: position, sizeBytes: packedBytes })
    : new CompressedUnsupportedError(label, why, unpackCommand);
}

/** @throws {ImageSizeError} */
export function checkUnpacked(unpackedBytes: number, { label, packedBytes }: PackedFile): void {
  if (unpackedBytes <= limits.maxImageBytes) return;
  const ratio =
    packedBytes === null
      ? ""
      : `: ${Math.floor(unpackedBytes / packedBytes)} times its own ${packedBytes} bytes`;
  const what = `${label} unpacks to more than the 128 GiB of an image${ratio}.`;
  throw new ImageSizeError(unpackedBytes, null, what);
}
