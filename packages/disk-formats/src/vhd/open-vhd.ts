import { blockTableDisk } from "../block-table.js";
import type { DiskMap } from "../disk-map.js";
import { Fields } from "../fields.js";
import { fixedDisk } from "../fixed-disk.js";
import type { ImageFile } from "../image-file.js";
import { Tables } from "../tables.js";
import { checksumOf, footerBytes, isFooter } from "./checksum.js";
import { readFooter, type VhdFooter } from "./footer.js";

const headerBytes = 1024;
const sectorBytes = 512;
const notThere = 0xffff_ffff;

/**
 * Opens a VHD. A dynamic one begins with a copy of its footer; a fixed one is the raw disk followed by a
 * footer.
 */
export async function openVhd(file: ImageFile, signal: AbortSignal): Promise<DiskMap> {
  file.check("the footer", 0, footerBytes);
  const first = await file.bytes("the footer's copy", 0, footerBytes, signal);
  const end = file.sizeBytes - footerBytes;
  const last = await file.bytes("the footer", end, footerBytes, signal);
  const footer = readFooter(file, isFooter(first) ? first : last);
  if (footer.kind === "dynamic") return openDynamic(file, footer, signal);
  if (footer.sizeBytes > end) {
    throw file.damaged(`it has ${end} bytes before its footer, and the disk ${footer.sizeBytes}`);
  }
  return fixedDisk("fixed", footer.sizeBytes);
}

async function openDynamic(
  file: ImageFile,
  footer: VhdFooter,
  signal: AbortSignal,
): Promise<DiskMap> {
  const { sizeBytes, headerOffset } = footer;
  const bytes = await file.bytes("the dynamic disk's header", headerOffset, headerBytes, signal);
  const header = new Fields(bytes, "big");
  if (header.text(0, 8) !== "cxsparse" || header.u32(36) !== checksumOf(bytes, 36)) {
    throw file.damaged("the dynamic disk's header, or its checksum, is wrong");
  }
  const blockBytes = header.u32(32);
  if (blockBytes < sectorBytes || !Number.isInteger(Math.log2(blockBytes))) {
    throw file.damaged(`it has blocks of ${blockBytes} bytes`);
  }
  const entries = Math.ceil(sizeBytes / blockBytes);
  if (header.u32(28) < entries) {
    throw file.damaged(`its table has ${header.u32(28)} entries, and the disk needs ${entries}`);
  }
  const table = { what: "the block table", offset: header.u64(16), entryBytes: 4, entries };
  file.check(table.what, table.offset, entries * 4);
  const bitmapBytes = Math.ceil(blockBytes / sectorBytes / 8 / sectorBytes) * sectorBytes;
  return blockTableDisk({
    variant: "dynamic",
    sizeBytes,
    blockBytes,
    tables: new Tables(file, "big"),
    table,
    place: ({ fields }, at) => {
      const sector = fields.u32(at);
      return sector === notThere ? null : sector * sectorBytes + bitmapBytes;
    },
  });
}
