import { FormatUnsupportedError } from "../errors.js";
import { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { isFooter } from "./checksum.js";

/** The fields of a VHD's footer that a reader needs. */
export interface VhdFooter {
  readonly kind: "fixed" | "dynamic";
  readonly sizeBytes: number;
  /** The offset of a dynamic disk's header. */
  readonly headerOffset: number;
}

/**
 * Checks a footer, after Microsoft's "Virtual Hard Disk Image Format Specification". The size is the field
 * "current size", not the product of cylinders, heads and sectors, which is smaller for many disks.
 */
export function readFooter(file: ImageFile, bytes: Uint8Array): VhdFooter {
  if (!isFooter(bytes)) throw file.damaged("the checksum of its footer is wrong");
  const fields = new Fields(bytes, "big");
  const sizeBytes = fields.u64(48);
  if (!Number.isSafeInteger(sizeBytes))
    throw file.damaged(`it describes a disk of ${sizeBytes} bytes`);
  return { kind: kindOf(file, fields.u32(60)), sizeBytes, headerOffset: fields.u64(16) };
}

function kindOf(file: ImageFile, type: number): "fixed" | "dynamic" {
  if (type === 2) return "fixed";
  if (type === 3) return "dynamic";
  if (type !== 4) throw file.damaged(`its footer names the unknown type ${type}`);
  throw new FormatUnsupportedError(
    "vhd",
    "holds only the differences to a parent, another file",
    "Merge it into its parent first (Merge-VHD, or the hypervisor's snapshots).",
  );
}
