import type { DiskMap } from "../disk-map.js";
import { Fields } from "../fields.js";
import type { ImageFile } from "../image-file.js";
import { checkDescriptor, refusePart } from "./descriptor.js";
import { VmdkGrains } from "./grains.js";
import { readHeader } from "./header.js";

const mostDescriptorBytes = 64 * 1024;

/** Opens a VMDK that consists of one file: monolithicSparse or streamOptimized. */
export async function openVmdk(file: ImageFile, signal: AbortSignal): Promise<DiskMap> {
  const lengthBytes = Math.min(mostDescriptorBytes, file.sizeBytes);
  const bytes = await file.bytes("the header", 0, lengthBytes, signal);
  const text = new Fields(bytes, "little").text(0, 4);
  if (text === "KDMV") return new VmdkGrains(file, await readHeader(file, signal));
  // ESX's older sparse file contains no descriptor: another file names it.
  if (text !== "COWD") checkDescriptor(new Fields(bytes, "little").text(0, bytes.length));
  refusePart();
}
