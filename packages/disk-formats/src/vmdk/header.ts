import { FormatUnsupportedError } from "../errors.js";
import { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { checkDescriptor, refusePart } from "./descriptor.js";

export const sectorBytes = 512;
const headerBytes = 512;

/** The fields of a sparse extent's header that a reader needs. */
export interface VmdkHeader {
  readonly kind: "monolithicSparse" | "streamOptimized";
  readonly sizeBytes: number;
  readonly grainBytes: number;
  readonly grainsPerTable: number;
  readonly directoryOffset: number;
  /** Whether an entry of 1 means that its grain is zeros. */
  readonly hasZeroedGrains: boolean;
}

const hasZeroedGrains = 1 << 2;
const isCompressed = 1 << 16;
const hasMarkers = 1 << 17;
/** The directory's offset if the file was written as a stream: then only its footer has the real one. */
const inFooter = 2 ** 64;

/** Reads and checks the header of a VMDK, after VMware's "Virtual Disk Format 5.0". */
export async function readHeader(file: ImageFile, signal: AbortSignal): Promise<VmdkHeader> {
  const first = new Fields(await file.bytes("the header", 0, headerBytes, signal), "little");
  checkVersion(file, first);
  await checkEmbedded(file, first, signal);
  const fields = first.u64(56) === inFooter ? await readFooter(file, signal) : first;
  const flags = fields.u32(8);
  const header: VmdkHeader = {
    kind: (flags & isCompressed) === 0 ? "monolithicSparse" : "streamOptimized",
    sizeBytes: fields.u64(12) * sectorBytes,
    grainBytes: fields.u64(20) * sectorBytes,
    grainsPerTable: fields.u32(44),
    directoryOffset: fields.u64(56) * sectorBytes,
    hasZeroedGrains: (flags & hasZeroedGrains) !== 0,
  };
  checkGrains(file, header);
  checkCompression(file, fields, flags);
  return header;
}

function checkVersion(file: ImageFile, fields: Fields): void {
  const version = fields.u32(4);
  if (version < 1 || version > 3) {
    throw new FormatUnsupportedError(
      "vmdk",
      `has version ${version}`,
      "Versions 1 to 3 can be read: convert it with qemu-img convert -O raw.",
    );
  }
  // A transfer in text mode changes one of these four bytes, and damages the rest of the file too.
  if (fields.text(73, 4) !== "\n \r\n") {
    throw file.damaged("its line ends were changed, probably by a transfer in text mode");
  }
}

async function checkEmbedded(file: ImageFile, fields: Fields, signal: AbortSignal): Promise<void> {
  const offset = fields.u64(28) * sectorBytes;
  const lengthBytes = fields.u64(36) * sectorBytes;
  if (offset === 0 || lengthBytes === 0) refusePart();
  file.check("the descriptor", offset, lengthBytes);
  const bytes = await file.bytes("the descriptor", offset, Math.min(lengthBytes, 65_536), signal);
  checkDescriptor(new Fields(bytes, "little").text(0, bytes.length));
}

/**
 * Reads the footer. The file ends with the footer's marker, the footer, and the end marker, one sector each.
 */
async function readFooter(file: ImageFile, signal: AbortSignal): Promise<Fields> {
  const offset = file.sizeBytes - 3 * sectorBytes;
  if (offset < headerBytes) throw file.damaged("its footer is missing");
  const bytes = await file.bytes("the footer", offset, 3 * sectorBytes, signal);
  const marker = new Fields(bytes, "little");
  const footer = new Fields(bytes.subarray(sectorBytes), "little");
  if (marker.u32(12) !== 3 || footer.text(0, 4) !== "KDMV" || footer.u64(56) === inFooter) {
    throw file.damaged("its footer is missing");
  }
  checkVersion(file, footer);
  return footer;
}

function checkGrains(file: ImageFile, header: VmdkHeader): void {
  const { sizeBytes, grainBytes, grainsPerTable, directoryOffset } = header;
  if (!Number.isSafeInteger(sizeBytes))
    throw file.damaged(`it describes a disk of ${sizeBytes} bytes`);
  // The minimum of the format is 8 sectors; QEMU and VMware write 128. No known writer uses more than 2 MiB.
  if (!isPowerOf2(grainBytes) || grainBytes < 8 * sectorBytes || grainBytes > 2 ** 21) {
    throw file.damaged(`it has grains of ${grainBytes} bytes`);
  }
  if (grainsPerTable < 1 || grainsPerTable > 512) {
    throw file.damaged(`its grain tables have ${grainsPerTable} entries`);
  }
  const tables = Math.ceil(sizeBytes / (grainBytes * grainsPerTable));
  file.check("the grain directory", directoryOffset, tables * 4);
}

function checkCompression(file: ImageFile, fields: Fields, flags: number): void {
  const method = fields.u16(77);
  if ((flags & isCompressed) === 0 ? method !== 0 : method !== 1 || (flags & hasMarkers) === 0) {
    throw file.damaged(`its header contradicts itself about compression method ${method}`);
  }
}

const isPowerOf2 = (value: number): boolean =>
  Number.isSafeInteger(value) && value > 0 && Number.isInteger(Math.log2(value));
