import { detectFormat } from "@img/disk-formats/detect";
import { loaded, type Source } from "@img/transfer";
import type { DiskImage } from "./disk-image.js";
import type { DiskImageOptions } from "./disk-options.js";

/** Opens a disk image; null if the file is a raw disk. The code of the formats is loaded with the first such file. */
export async function diskIn(
  file: Source,
  {
    format = "auto",
    signal = new AbortController().signal,
  }: Pick<DiskImageOptions, "format" | "signal">,
): Promise<DiskImage | null> {
  const found = format === "auto" ? await detectFormat(file, signal) : format;
  if (found === "raw") return null;
  const { DiskImage } = await loaded(import("./disk-image.js"));
  return DiskImage.open(file, found, signal);
}
