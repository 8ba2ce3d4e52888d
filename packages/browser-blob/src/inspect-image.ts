import type { DiskDescription } from "@img/disk-formats";
import type { Finding } from "@img/disk-formats/check";
import { closing } from "@img/transfer";
import { diskIn } from "./disk-in.js";
import type { DiskImageOptions } from "./disk-options.js";
import { openSource, type ImageFile } from "./open-source.js";

/** What is known of a file before it is sent. */
export interface InspectedImage {
  /** The size of the image that an upload makes of the file: of the raw disk, if the file has another format. */
  readonly sizeBytes: number;
  /** Null if the file is a raw disk. */
  readonly disk: DiskDescription | null;
  /** The problems that may keep the disk from booting, the worst first; none for an empty file. */
  readonly findings: readonly Finding[];
}

/**
 * Looks at a file before it is uploaded: which format it is in, how large its disk is, and whether that can boot.
 * Nothing is sent.
 *
 * @throws An error with a code that begins with `FORMAT_`: the disk image is damaged, or needs a feature that is not supported.
 * @throws {SourceUnusableError} The file is gone, or the page may not read it.
 */
export async function inspectImage(
  image: ImageFile,
  options: Pick<DiskImageOptions, "format" | "signal"> = {},
): Promise<InspectedImage> {
  const file = await openSource(image);
  return closing(file, async () => {
    const { sizeBytes } = file;
    if (sizeBytes === 0) return { sizeBytes, disk: null, findings: [] };
    const disk = await diskIn(file, options);
    const { checkDisk } = await import("@img/disk-formats/check");
    const { findings } = await checkDisk(disk ?? file, options.signal);
    return {
      sizeBytes: (disk ?? file).sizeBytes,
      disk: disk?.description ?? null,
      findings,
    };
  });
}
