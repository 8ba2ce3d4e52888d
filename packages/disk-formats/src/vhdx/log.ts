import { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { crc32c } from "./crc32c.js";

export interface Log {
  readonly offset: number;
  readonly lengthBytes: number;
  /** The id of the current log; entries with another id are ignored. */
  readonly id: Uint8Array;
}

const sectorBytes = 4096;
/**
 * The maximum length of a log. [MS-VHDX] sets no limit; writers use 1 MiB, and QEMU accepts no longer logs than
 * this either.
 */
const mostBytes = 256 * 1024 * 1024;
const windowBytes = 1024 * 1024;

/**
 * Whether the log has an entry with its current id, which would have to be written to its place first
 * ([MS-VHDX] 2.3). An entry with a wrong checksum was never finished.
 */
export async function needsReplay(
  file: ImageFile,
  log: Log,
  signal: AbortSignal,
): Promise<boolean> {
  if (log.lengthBytes % sectorBytes !== 0 || log.lengthBytes > mostBytes) {
    throw file.damaged(`its log is ${log.lengthBytes} bytes long`);
  }
  file.check("the log", log.offset, log.lengthBytes);
  for (let at = 0; at < log.lengthBytes; at += windowBytes) {
    const lengthBytes = Math.min(windowBytes, log.lengthBytes - at);
    const sectors = await file.bytes("the log", log.offset + at, lengthBytes, signal);
    for (let sector = 0; sector < lengthBytes; sector += sectorBytes) {
      const header = new Fields(sectors.subarray(sector, sector + sectorBytes), "little");
      if (isOf(header, log.id) && (await isWhole(file, log, at + sector, header, signal)))
        return true;
    }
  }
  return false;
}

const isOf = (header: Fields, id: Uint8Array): boolean =>
  header.text(0, 4) === "loge" && id.every((byte, n) => header.u8(32 + n) === byte);

/** Whether an entry is complete. The log is a ring: an entry may continue at its beginning. */
async function isWhole(
  file: ImageFile,
  log: Log,
  at: number,
  header: Fields,
  signal: AbortSignal,
): Promise<boolean> {
  const lengthBytes = header.u32(8);
  if (lengthBytes < sectorBytes || lengthBytes % sectorBytes !== 0) return false;
  if (lengthBytes > log.lengthBytes) return false;
  const entry = new Uint8Array(lengthBytes);
  const untilEnd = Math.min(lengthBytes, log.lengthBytes - at);
  await file.read(log.offset + at, entry.subarray(0, untilEnd), signal);
  if (untilEnd < lengthBytes) await file.read(log.offset, entry.subarray(untilEnd), signal);
  return header.u32(4) === crc32c(entry, 4);
}
