/** Shorter holes save less on most file systems than the additional write costs. */
const blockBytes = 64 * 1024;
const zeros = Buffer.alloc(blockBytes);

export interface DataRun {
  readonly start: number;
  /** After the last byte. */
  readonly end: number;
}

/** Returns the runs of `bytes` that hold data: all but aligned blocks of 64 KiB of zeros (the last may be shorter). */
export function dataRuns(bytes: Uint8Array): readonly DataRun[] {
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

/** Returns the gaps between the runs of a buffer. */
export function gapsBetween(runs: readonly DataRun[], lengthBytes: number): readonly DataRun[] {
  const edges = [0, ...runs.flatMap(({ start, end }) => [start, end]), lengthBytes];
  const gaps: DataRun[] = [];
  for (let at = 0; at < edges.length; at += 2) {
    const [start, end] = [edges[at]!, edges[at + 1]!];
    if (start < end) gaps.push({ start, end });
  }
  return gaps;
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  return zeros.compare(bytes, start, end, 0, end - start) === 0;
}
