import { blockTableDisk } from "../block-table.js";
import type { DiskMap } from "../disk-map.js";
import type { ImageFile } from "../image-file.js";
import { Tables } from "../tables.js";
import { checkHeader } from "./header.js";
import { readMetadata } from "./metadata.js";
import { readRegions } from "./regions.js";

const mebi = 1024 * 1024;
/** The states that read as zeros: not present, undefined, zero, unmapped, and unmapped before version 1. */
const emptyStates = [0, 1, 2, 3, 5];
const fullyPresent = 6;

/** Opens a VHDX, after [MS-VHDX]. */
export async function openVhdx(file: ImageFile, signal: AbortSignal): Promise<DiskMap> {
  await checkHeader(file, signal);
  const regions = await readRegions(file, signal);
  const { sizeBytes, blockBytes, sectorBytes } = await readMetadata(file, regions.metadata, signal);
  // After this many blocks there is the entry of a sector bitmap, which only differencing disks use.
  const ratio = (2 ** 23 * sectorBytes) / blockBytes;
  const entryOf = (block: number): number => block + Math.floor(block / ratio);
  const blocks = Math.ceil(sizeBytes / blockBytes);
  const entries = blocks === 0 ? 0 : entryOf(blocks - 1) + 1;
  if (entries * 8 > regions.blocks.lengthBytes) {
    throw file.damaged(`its block table is too short for the disk's ${sizeBytes} bytes`);
  }
  return blockTableDisk({
    variant: "version 1",
    sizeBytes,
    blockBytes,
    tables: new Tables(file, "little"),
    table: { what: "the block table", offset: regions.blocks.offset, entryBytes: 8, entries },
    entryOf,
    place: ({ fields }, at, block) => {
      const state = fields.u32(at) & 7;
      if (emptyStates.includes(state)) return null;
      const offset = Math.floor(fields.u64(at) / mebi) * mebi;
      if (state === fullyPresent && offset >= mebi) return offset;
      throw file.damaged(`block ${block} is in state ${state} at ${offset}`);
    },
  });
}
