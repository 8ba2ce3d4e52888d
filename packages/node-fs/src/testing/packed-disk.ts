import { limits, MiB, partBytesFor } from "@img/transfer";
import { diskOf, hasPackers, packers } from "./packers.js";

/** Of every disk whose size is not known before it is unpacked. */
export const partBytes: number = partBytesFor(limits.maxImageBytes, 5 * MiB);
/** Two parts: the shortest disk of which one part can be missing. */
export const disk: Buffer = diskOf(partBytes + 12_345);
export const kinds = ["gzip", "xz", "zstd"] as const;
/** That disk, in each way; empty without the programs. */
export const packed = Object.fromEntries(
  hasPackers ? kinds.map((kind) => [kind, packers[kind](disk)]) : [],
) as Readonly<Record<(typeof kinds)[number], Buffer>>;
