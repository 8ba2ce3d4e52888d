import { FormatUnsupportedError } from "../errors.js";
import { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { guidAt } from "./guid.js";
import { refuseUnknown, type Region } from "./regions.js";

/** The metadata of a VHDX that a reader needs. */
export interface VhdxMetadata {
  readonly sizeBytes: number;
  readonly blockBytes: number;
  readonly sectorBytes: number;
}

const tableBytes = 64 * 1024;
const mostEntries = 2047;
const isRequired = 4;
const items: Readonly<Record<string, "parameters" | "size" | "sector" | "unused">> = {
  "caa16737-fa36-4d43-b3b6-33f0aa44e76b": "parameters",
  "2fa54224-cd1b-4876-b211-5dbed83bf4b8": "size",
  "8141bf1d-a96f-4709-ba47-f233a8faab5f": "sector",
  "cda348c7-445d-4471-9cc9-e9885251c556": "unused", // the physical sector size
  "beca12ab-b2e6-4523-93ef-c309e000c746": "unused", // the disk's id
  "a8d35f2d-b30b-454d-abf7-d3d84834ab0c": "unused", // where the parent is: refused by the parameters
};

/** Reads and checks the metadata of a VHDX, after [MS-VHDX] 2.6. */
export async function readMetadata(
  file: ImageFile,
  region: Region,
  signal: AbortSignal,
): Promise<VhdxMetadata> {
  if (region.lengthBytes < tableBytes) throw file.damaged("its metadata region is too short");
  const bytes = await file.bytes("the metadata table", region.offset, tableBytes, signal);
  const places = placesIn(file, new Fields(bytes, "little"));
  const item = async (name: string, lengthBytes: number): Promise<Fields> => {
    const at = places.get(name);
    if (at === undefined || at + lengthBytes > region.lengthBytes) {
      throw file.damaged(`its metadata lacks an item (${name})`);
    }
    const read = await file.bytes("a metadata item", region.offset + at, lengthBytes, signal);
    return new Fields(read, "little");
  };
  const parameters = await item("parameters", 8);
  refuseParent(parameters.u32(4));
  const metadata = {
    blockBytes: parameters.u32(0),
    sizeBytes: (await item("size", 8)).u64(0),
    sectorBytes: (await item("sector", 4)).u32(0),
  };
  checkNumbers(file, metadata);
  return metadata;
}

/** Returns the place of each item within the region. */
function placesIn(file: ImageFile, table: Fields): ReadonlyMap<string, number> {
  const count = table.u16(10);
  if (table.text(0, 8) !== "metadata" || count > mostEntries) {
    throw file.damaged("its metadata table is not one");
  }
  const places = new Map<string, number>();
  for (let at = 32; at < 32 + count * 32 && at + 32 <= tableBytes; at += 32) {
    const id = guidAt(table, at);
    const name = items[id];
    if (name !== undefined) places.set(name, table.u32(at + 16));
    else if ((table.u32(at + 24) & isRequired) !== 0) refuseUnknown("metadata item", id);
  }
  return places;
}

function refuseParent(flags: number): void {
  if ((flags & 2) === 0) return;
  throw new FormatUnsupportedError(
    "vhdx",
    "holds only the differences to a parent, another file",
    "Merge it into its parent first (Merge-VHD, or the hypervisor's checkpoints).",
  );
}

function checkNumbers(file: ImageFile, { blockBytes, sizeBytes, sectorBytes }: VhdxMetadata): void {
  const mebi = 1024 * 1024;
  const isPowerOf2 = blockBytes > 0 && Number.isInteger(Math.log2(blockBytes));
  if (!isPowerOf2 || blockBytes < mebi || blockBytes > 256 * mebi) {
    throw file.damaged(`it has blocks of ${blockBytes} bytes`);
  }
  if (sectorBytes !== 512 && sectorBytes !== 4096) {
    throw file.damaged(`it has sectors of ${sectorBytes} bytes`);
  }
  if (!Number.isSafeInteger(sizeBytes))
    throw file.damaged(`it describes a disk of ${sizeBytes} bytes`);
}
