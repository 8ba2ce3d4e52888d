import { FormatUnsupportedError } from "../errors.js";
import { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { crc32c } from "./crc32c.js";
import { guidAt } from "./guid.js";

export interface Region {
  readonly offset: number;
  readonly lengthBytes: number;
}

const tableOffsets = [192 * 1024, 256 * 1024];
const tableBytes = 64 * 1024;
const mostEntries = 2047;
const names: Readonly<Record<string, "blocks" | "metadata">> = {
  "2dc27766-f623-4200-9d64-115e9bfd4a08": "blocks",
  "8b7ca206-4790-4b9a-b8fe-575f050f886e": "metadata",
};

/** Finds the regions of a VHDX that a reader needs, after [MS-VHDX] 2.2.3: its block table and its metadata. */
export async function readRegions(
  file: ImageFile,
  signal: AbortSignal,
): Promise<Record<"blocks" | "metadata", Region>> {
  const table = await regionTable(file, signal);
  const count = table.u32(8);
  if (count > mostEntries) throw file.damaged(`its region table has ${count} entries`);
  const found: { blocks?: Region; metadata?: Region } = {};
  for (let at = 16; at < 16 + count * 32; at += 32) {
    const id = guidAt(table, at);
    const name = names[id];
    const region = { offset: table.u64(at + 16), lengthBytes: table.u32(at + 24) };
    if (name !== undefined) found[name] = region;
    else if ((table.u32(at + 28) & 1) !== 0) refuseUnknown("region", id);
  }
  const { blocks, metadata } = found;
  if (blocks === undefined || metadata === undefined) {
    throw file.damaged("its region table lacks the block table or the metadata");
  }
  file.check("the block table's region", blocks.offset, blocks.lengthBytes);
  file.check("the metadata's region", metadata.offset, metadata.lengthBytes);
  return { blocks, metadata };
}

async function regionTable(file: ImageFile, signal: AbortSignal): Promise<Fields> {
  for (const offset of tableOffsets) {
    const bytes = await file.bytes("a region table", offset, tableBytes, signal);
    const table = new Fields(bytes, "little");
    if (table.text(0, 4) === "regi" && table.u32(4) === crc32c(bytes, 4)) return table;
  }
  throw file.damaged("neither of its region tables has the right checksum");
}

export function refuseUnknown(what: "region" | "metadata item", id: string): never {
  throw new FormatUnsupportedError(
    "vhdx",
    `needs an unknown ${what}, ${id}`,
    "Convert it with a current qemu-img convert -O raw.",
  );
}
