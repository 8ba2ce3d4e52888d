import { FormatUnsupportedError } from "../errors.js";
import { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { checkFeatures } from "./features.js";

/** The fields of a qcow2 header that a reader needs. */
export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly sizeBytes: number;
  readonly clusterBits: number;
  readonly l1Offset: number;
  readonly l1Entries: number;
  readonly hasSubclusters: boolean;
  readonly compression: "deflate" | "zstd";
}

const shortHeaderBytes = 72;
const longHeaderBytes = 104;
/**
 * The maximum that is read. Header and extensions are in the first cluster; the needed fields are far shorter.
 */
const mostHeaderBytes = 64 * 1024;

/** Reads and checks the header of a qcow2 image, after QEMU's docs/interop/qcow2.txt. */
export async function readHeader(file: ImageFile, signal: AbortSignal): Promise<Qcow2Header> {
  file.check("the header", 0, shortHeaderBytes);
  const lengthBytes = Math.min(mostHeaderBytes, file.sizeBytes);
  const fields = new Fields(await file.bytes("the header", 0, lengthBytes, signal), "big");
  const version = versionOf(file, fields);
  const clusterBits = fields.u32(20);
  if (clusterBits < 9 || clusterBits > 21) {
    throw file.damaged(`it has clusters of 2^${clusterBits} bytes`);
  }
  refuseOtherFiles(fields);
  const features = version === 3 ? checkFeatures(file, fields) : withoutFeatures;
  const header: Qcow2Header = {
    version,
    clusterBits,
    sizeBytes: fields.u64(24),
    l1Entries: fields.u32(36),
    l1Offset: fields.u64(40),
    ...features,
  };
  checkTables(file, header);
  return header;
}

const withoutFeatures = { hasSubclusters: false, compression: "deflate" } as const;

function versionOf(file: ImageFile, fields: Fields): 2 | 3 {
  const version = fields.u32(4);
  if (version !== 2 && version !== 3) {
    throw new FormatUnsupportedError(
      "qcow2",
      `has version ${version}`,
      "Versions 2 and 3 can be read: convert it with qemu-img convert -O raw.",
    );
  }
  if (version === 3) file.check("the header", 0, longHeaderBytes);
  return version;
}

function refuseOtherFiles(fields: Fields): void {
  if (fields.u64(8) !== 0) {
    throw new FormatUnsupportedError(
      "qcow2",
      "needs a backing file, which is never opened since the image itself chooses its path",
      "Merge both into one file: qemu-img convert -O qcow2 IN OUT.",
    );
  }
  if (fields.u32(32) !== 0) {
    throw new FormatUnsupportedError(
      "qcow2",
      "is encrypted",
      "Decrypt it first, with qemu-img convert and its key.",
    );
  }
}

function checkTables(file: ImageFile, header: Qcow2Header): void {
  const { clusterBits, sizeBytes, l1Entries, l1Offset, hasSubclusters } = header;
  if (!Number.isSafeInteger(sizeBytes))
    throw file.damaged(`it describes a disk of ${sizeBytes} bytes`);
  if (hasSubclusters && clusterBits < 14) {
    throw file.damaged(`clusters of ${2 ** clusterBits} bytes cannot have 32 subclusters`);
  }
  const tableBytes = 2 ** clusterBits * (2 ** clusterBits / (hasSubclusters ? 16 : 8));
  const wanted = Math.ceil(sizeBytes / tableBytes);
  if (l1Entries < wanted) {
    throw file.damaged(`its L1 table has ${l1Entries} entries, and the disk needs ${wanted}`);
  }
  if (l1Offset % 2 ** clusterBits !== 0) throw file.damaged("its L1 table begins within a cluster");
  file.check("the L1 table", l1Offset, wanted * 8);
}
