import type { BigIntStats } from "node:fs";
import { readFile, type FileHandle } from "node:fs/promises";

/** Returns the size of an open block device, which `stat` does not give. */
export async function deviceBytes(file: FileHandle, { rdev }: BigIntStats): Promise<number> {
  return (await sizeInSys(rdev)) ?? lastReadable((offset) => hasByteAt(file, offset));
}

/** Reads the size from `/sys`, in sectors of 512 bytes whatever the device's own are. Null if it is not there. */
async function sizeInSys(rdev: bigint): Promise<number | null> {
  const { major, minor } = numbersOf(rdev);
  const sectors = await readFile(`/sys/dev/block/${major}:${minor}/size`, "utf8").catch(() => "");
  return /^\d+\s*$/.test(sectors) ? Number(sectors) * 512 : null;
}

/** Splits a device number as makedev(3) of Linux composes it. */
export function numbersOf(rdev: bigint): { readonly major: bigint; readonly minor: bigint } {
  return {
    major: ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n),
    minor: (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n),
  };
}

/**
 * Finds how many bytes can be read, by doubling and halving, with less than a hundred reads.
 *
 * @param has Whether there is a byte at this offset.
 */
export async function lastReadable(has: (offset: number) => Promise<boolean>): Promise<number> {
  let end = 1;
  while (end < Number.MAX_SAFE_INTEGER / 2 && (await has(end - 1))) end *= 2;
  let [least, most] = [Math.floor(end / 2), end - 1];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (await has(middle - 1)) least = middle;
    else most = middle - 1;
  }
  return least;
}

const hasByteAt = async (file: FileHandle, offset: number): Promise<boolean> =>
  (await file.read(new Uint8Array(1), 0, 1, offset)).bytesRead === 1;
