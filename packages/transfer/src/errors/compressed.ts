import { TransferError } from "./transfer-error.js";

/** A compressed file is damaged or cut off. Nothing was completed. */
export class CompressedDamagedError extends TransferError {
  readonly code = "COMPRESSED_DAMAGED";
  /** How much of the compressed file had been read when that was found. */
  readonly offset: number;
  constructor(
    file: string,
    why: string,
    { offset, sizeBytes }: { readonly offset: number; readonly sizeBytes: number | null },
  ) {
    const where = `found at byte ${offset}${sizeBytes === null ? "" : ` of ${sizeBytes}`}`;
    super(`The compressed file ${file} is damaged or incomplete: ${why} (${where}).`, {
      advice: "Get the file again, and compare its checksum.",
    });
    this.offset = offset;
  }
}

/** A compressed file needs something that is not unpacked here. Nothing was completed. */
export class CompressedUnsupportedError extends TransferError {
  readonly code = "COMPRESSED_UNSUPPORTED";
  /** @param command Unpacks the file, and uploads it. */
  constructor(file: string, why: string, command: string) {
    super(`The compressed file ${file} cannot be unpacked while it is sent: ${why}.`, {
      advice: `Unpack it first: ${command}`,
    });
  }
}
