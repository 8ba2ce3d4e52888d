import type { DiskMap } from "./disk-map.js";

/** Returns the map of a disk whose bytes lie in the file in one piece. */
export function fixedDisk(variant: string, sizeBytes: number, startsAt = 0): DiskMap {
  return {
    variant,
    sizeBytes,
    pieces: async (offset, lengthBytes) => [{ kind: "data", lengthBytes, at: startsAt + offset }],
  };
}
