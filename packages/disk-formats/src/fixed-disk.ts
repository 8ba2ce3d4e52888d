import type { DiskMap } from "./disk-map.js";

/** A disk whose bytes lie in the file in one stretch. */
export function fixedDisk(variant: string, sizeBytes: number, startsAt = 0): DiskMap {
  return {
    variant,
    sizeBytes,
    pieces: async (offset, lengthBytes) => [{ kind: "data", lengthBytes, at: startsAt + offset }],
  };
}
