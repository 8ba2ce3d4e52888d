import { blockTableDisk } from "../block-table.js";
import type { DiskMap } from "../disk-map.js";
import { FormatUnsupportedError } from "../errors.js";
import { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { Tables } from "../tables.js";

const headerBytes = 512;
const free = 0xffff_ffff;
const discarded = 0xffff_fffe;
const kinds: Readonly<Record<number, string>> = { 1: "dynamic", 2: "static" };

/** Opens a VirtualBox disk image: a header, a map of blocks, and the blocks. */
export async function openVdi(file: ImageFile, signal: AbortSignal): Promise<DiskMap> {
  const header = new Fields(await file.bytes("the header", 0, headerBytes, signal), "little");
  const variant = variantOf(header);
  const sizeBytes = header.u64(368);
  const blockBytes = header.u32(376);
  const blocks = header.u32(384);
  checkNumbers(file, header);
  if (!Number.isSafeInteger(sizeBytes) || blocks * blockBytes < sizeBytes) {
    throw file.damaged(`it describes a disk of ${sizeBytes} bytes in ${blocks} blocks`);
  }
  const entries = Math.ceil(sizeBytes / blockBytes);
  const table = { what: "the block map", offset: header.u32(340), entryBytes: 4, entries };
  file.check(table.what, table.offset, entries * 4);
  const dataOffset = header.u32(344);
  return blockTableDisk({
    variant,
    sizeBytes,
    blockBytes,
    tables: new Tables(file, "little"),
    table,
    place: ({ fields }, at) => {
      const block = fields.u32(at);
      return block === free || block === discarded ? null : dataOffset + block * blockBytes;
    },
  });
}

function variantOf(header: Fields): string {
  if (header.u16(70) !== 1) {
    throw new FormatUnsupportedError(
      "vdi",
      `has version ${header.u16(70)}.${header.u16(68)}`,
      "Version 1 can be read: convert it with qemu-img convert -O raw.",
    );
  }
  const variant = kinds[header.u32(76)];
  // The last two ids name a parent; VirtualBox writes zeros if there is none.
  if (variant === undefined || !header.isZero(424, 32)) {
    throw new FormatUnsupportedError(
      "vdi",
      "holds only the differences to a parent, another file",
      "Merge both into one file: VBoxManage clonemedium IN OUT.",
    );
  }
  return variant;
}

function checkNumbers(file: ImageFile, header: Fields): void {
  const blockBytes = header.u32(376);
  if (blockBytes < 512 || !Number.isInteger(Math.log2(blockBytes))) {
    throw file.damaged(`it has blocks of ${blockBytes} bytes`);
  }
  if (header.u32(360) !== 512) throw file.damaged(`it has sectors of ${header.u32(360)} bytes`);
  if (header.u32(380) !== 0) throw file.damaged("each of its blocks begins with extra bytes");
}
