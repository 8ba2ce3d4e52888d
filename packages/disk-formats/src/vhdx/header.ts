import { FormatUnsupportedError } from "../errors.js";
import { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { crc32c } from "./crc32c.js";
import { needsReplay } from "./log.js";

const headerOffsets = [64 * 1024, 128 * 1024];
const headerBytes = 4096;

/**
 * Checks the newer one of the two headers, after [MS-VHDX] 2.2.2, and refuses a log that has to be replayed.
 */
export async function checkHeader(file: ImageFile, signal: AbortSignal): Promise<void> {
  const header = await currentHeader(file, signal);
  const version = header.u16(66);
  if (version !== 1) {
    throw new FormatUnsupportedError(
      "vhdx",
      `has version ${version}`,
      "Version 1 can be read: convert it with qemu-img convert -O raw.",
    );
  }
  if (header.isZero(48, 16)) return; // no log id: the log is empty
  const log = {
    offset: header.u64(72),
    lengthBytes: header.u32(68),
    id: header.bytes.slice(48, 64),
  };
  if (await needsReplay(file, log, signal)) {
    throw new FormatUnsupportedError(
      "vhdx",
      "was not closed cleanly: its log has to be replayed before its data is right",
      "Replay it: qemu-img check -r all FILE, or attach it once in Hyper-V (Mount-VHD, Dismount-VHD).",
    );
  }
}

async function currentHeader(file: ImageFile, signal: AbortSignal): Promise<Fields> {
  const found: Fields[] = [];
  for (const offset of headerOffsets) {
    const bytes = await file.bytes("a header", offset, headerBytes, signal);
    const header = new Fields(bytes, "little");
    if (header.text(0, 4) === "head" && header.u32(4) === crc32c(bytes, 4)) found.push(header);
  }
  const [one, other] = found;
  if (one === undefined) throw file.damaged("neither of its headers has the right checksum");
  return other !== undefined && other.u64(8) > one.u64(8) ? other : one;
}
