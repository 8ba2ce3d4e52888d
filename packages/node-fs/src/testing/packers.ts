import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";

function piped(program: string, args: readonly string[], bytes: Uint8Array): Buffer {
  const ran = spawnSync(program, args, { input: bytes, maxBuffer: 2 ** 30 });
  if (ran.status === 0) return ran.stdout;
  throw new Error(`${program} ended with ${ran.status}: ${String(ran.stderr)}`);
}

const isThere = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

/** Whether the programs that people compress with are installed. */
export const hasPackers: boolean = isThere("xz") && isThere("zstd");

/** Compresses bytes by `xz`. */
export const xz = (bytes: Uint8Array, ...args: readonly string[]): Buffer =>
  piped("xz", ["-c", ...(args.length > 0 ? args : ["-0"])], bytes);

/** Compresses bytes by `zstd`, as a stream: with a checksum, and without the size. */
export const zstd = (bytes: Uint8Array, ...args: readonly string[]): Buffer =>
  piped("zstd", ["-q", "-c", ...(args.length > 0 ? args : ["-1"])], bytes);

export const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes, { level: 1 });

export const packers = { gzip, xz, zstd } as const;

/** A disk with zeros, repeated bytes and others that look random; the same each time. */
export function diskOf(sizeBytes: number, seed = 7): Buffer {
  const disk = Buffer.alloc(sizeBytes);
  let x = seed;
  for (let at = 0; at < sizeBytes; at += 4096) {
    if (Math.floor(at / 65_536) % 3 === 0) continue;
    const end = Math.min(at + (Math.floor(at / 4096) % 5 === 0 ? 4096 : 600), sizeBytes);
    for (let n = at; n < end; n++) {
      x = (Math.imul(x, 1_103_515_245) + 12_345) & 0x7fffffff;
      disk[n] = n % 7 < 3 ? x >>> 16 : n >>> 4;
    }
  }
  return disk;
}
