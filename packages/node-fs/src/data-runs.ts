/** A hole shorter than this saves no block on most file systems worth another write. */
const blockBytes = 64 * 1024;
const zeros = Buffer.alloc(blockBytes);

export interface Run {
  readonly start: number;
  /** After the last byte. */
  readonly end: number;
}

/** Where `bytes` hold data: everything but aligned blocks of 64 KiB (the last may be shorter) of zeros. */
export function dataRuns(bytes: Uint8Array): readonly Run[] {
  const runs: { start: number; end: number }[] = [];
  for (let start = 0; start < bytes.length; start += blockBytes) {
    const end = Math.min(start + blockBytes, bytes.length);
    if (isZero(bytes, start, end)) continue;
    const last = runs.at(-1);
    if (last?.end === start) last.end = end;
    else runs.push({ start, end });
  }
  return runs;
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  return zeros.compare(bytes, start, end, 0, end - start) === 0;
}
