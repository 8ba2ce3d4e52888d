import { crc32 } from "../crc32.js";

/** The fields of a made GPT. Each has a usual default. */
export interface MadeGpt {
  readonly sectorBytes?: number;
  readonly entries?: number;
  readonly entryBytes?: number;
  readonly tableSector?: number;
  readonly otherSector?: number;
  readonly partitions?: readonly { readonly first: number; readonly last: number }[];
}

const efiSystemGuid = "28732ac11ff8d211ba4b00a0c93ec93b";

/** Makes a disk with a primary GPT whose checksums are valid, whatever its fields say, and no backup. */
export function madeGpt(diskBytes: number, given: MadeGpt = {}): Uint8Array {
  const { sectorBytes = 512, entries = 128, entryBytes = 128, tableSector = 2 } = given;
  const { partitions = [{ first: 64, last: 100 }] } = given;
  const otherSector = given.otherSector ?? diskBytes / sectorBytes - 1;
  const disk = new Uint8Array(diskBytes);
  disk.set(protectiveMbr(diskBytes / 512), 0);
  const table = tableOf(Math.min(entries * entryBytes, 64 * 1024), entryBytes, partitions);
  disk.set(table.subarray(0, Math.max(0, diskBytes - 2 * sectorBytes)), 2 * sectorBytes);
  const header = new Uint8Array(92);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode("EFI PART"));
  view.setUint32(8, 0x10000, true);
  view.setUint32(12, 92, true);
  view.setBigUint64(24, 1n, true);
  view.setBigUint64(32, BigInt(otherSector), true);
  view.setBigUint64(72, BigInt(tableSector), true);
  view.setUint32(80, entries, true);
  view.setUint32(84, entryBytes, true);
  view.setUint32(88, crc32(table), true);
  view.setUint32(16, crc32(header), true);
  disk.set(header, sectorBytes);
  return disk;
}

function tableOf(
  lengthBytes: number,
  entryBytes: number,
  partitions: readonly { readonly first: number; readonly last: number }[],
): Uint8Array {
  const table = new Uint8Array(lengthBytes);
  const view = new DataView(table.buffer);
  partitions.forEach(({ first, last }, index) => {
    const at = index * entryBytes;
    if (at + 48 > lengthBytes) return;
    table.set(Buffer.from(efiSystemGuid, "hex"), at);
    view.setBigUint64(at + 32, BigInt(first), true);
    view.setBigUint64(at + 40, BigInt(last), true);
  });
  return table;
}

const protectiveMbr = (sectors: number): Uint8Array =>
  madeMbr([{ type: 0xee, start: 1, sectors: sectors - 1 }]);

/** Makes a first sector with these entries. */
export function madeMbr(
  entries: readonly { readonly type: number; readonly start: number; readonly sectors: number }[],
): Uint8Array {
  const sector = new Uint8Array(512);
  const view = new DataView(sector.buffer);
  entries.forEach(({ type, start, sectors }, index) => {
    view.setUint8(446 + 16 * index + 4, type);
    view.setUint32(446 + 16 * index + 8, start, true);
    view.setUint32(446 + 16 * index + 12, sectors, true);
  });
  view.setUint16(510, 0xaa55, true);
  return sector;
}
