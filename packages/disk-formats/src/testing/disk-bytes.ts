/** Returns random numbers from a seed. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const KiB = 1024;

/**
 * Makes a disk with random bytes, text, and zeros: zeros at both ends, across the borders of clusters of every
 * size, in whole clusters, and in single sectors.
 */
export function diskBytes(sizeBytes: number, seed = 1): Uint8Array {
  const disk = new Uint8Array(sizeBytes);
  const random = seeded(seed);
  const put = (at: number, lengthBytes: number): void => {
    for (let n = at; n < Math.min(at + lengthBytes, sizeBytes); n += 1) disk[n] = random(256);
  };
  put(0, 70_000);
  for (const border of [256 * KiB, 512 * KiB, 1024 * KiB, 2048 * KiB]) put(border - 300, 700);
  for (let sector = 0; sector < 40; sector += 1) put(random(sizeBytes >> 9) * 512, 512);
  disk.fill(0x61, 1400 * KiB, 1700 * KiB);
  put(2304 * KiB, 200 * KiB);
  put(sizeBytes - 700, 700);
  return disk;
}
