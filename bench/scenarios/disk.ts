import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { compare, GiB, median, MiB, type Contender, type Row } from "../compare.js";
import type { Goal } from "../goals.js";
import { isOnPath } from "../machine.js";
import type { BenchOptions } from "../options.js";
import { printRows } from "../report.js";
import { imgCommand, onStage, type Stage } from "../stage.js";
import type { Outcome } from "./outcome.js";

/**
 * The size of the disk as a multiple of its data. The data is 1 GiB by default, in pieces of 1 MiB: mostly in
 * adjacent clusters.
 */
const virtualTimes = 4;

/** Compares the upload of a disk image with that of its raw file. Both send the same bytes. */
export function benchDisk(options: BenchOptions): Promise<Outcome> {
  return onStage(options, 1, async (stage) => {
    console.error("making a raw disk, and disk images of it");
    const raw = spread(stage, virtualTimes);
    const diskBytes = stage.sizeBytes * virtualTimes;
    const all = isOnPath("qemu-img") ? contenders(stage, raw, options) : [];
    const rows = await compare(all, diskBytes, options.runs, stage.env);
    const missing = all.length === 0 ? ["qemu-img, which makes the disk images"] : [];
    const figures = { sizeBytes: diskBytes, rows, missing };
    printRows(figures);
    return { figures, goals: goalsOf(rows) };
  });
}

const images = [
  { name: "qcow2", what: "qcow2", args: [] },
  { name: "qcow2-zlib", what: "qcow2, compressed by zlib", args: ["-c"] },
  {
    name: "qcow2-zstd",
    what: "qcow2, compressed by zstd",
    args: ["-c", "-o", "compression_type=zstd"],
  },
] as const;

function contenders({ folder }: Stage, raw: string, options: BenchOptions): readonly Contender[] {
  const upload = (path: string): readonly string[] =>
    imgCommand(["upload", path, "--name", "bench"], options);
  return [
    { name: "raw", what: "its raw file", command: upload(raw) },
    ...images.map(({ name, what, args }) => {
      const path = join(folder, name);
      execFileSync("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", ...args, raw, path]);
      return { name, what, command: upload(path) };
    }),
  ];
}

/**
 * Makes a disk with holes from the stage's image, this many times as large. Half of each piece is compressible.
 */
export function spread({ folder, image, sizeBytes }: Stage, times: number): string {
  const path = join(folder, "raw");
  const [from, to] = [openSync(image, "r"), openSync(path, "w")];
  const piece = Buffer.alloc(MiB);
  for (let at = 0; at < sizeBytes; at += MiB) {
    readSync(from, piece, 0, MiB, at);
    for (let pair = 0; pair < MiB; pair += 4) piece.writeUInt16LE(0, pair);
    writeSync(to, piece, 0, MiB, at * times);
  }
  ftruncateSync(to, sizeBytes * times);
  for (const file of [from, to]) closeSync(file);
  return path;
}

function goalsOf(rows: readonly Row[]): readonly Goal[] {
  const [raw, qcow2] = ["raw", "qcow2"].map((name) => rows.find((row) => row.name === name));
  if (raw === undefined || qcow2 === undefined) return [];
  const reached = median(raw.allSeconds.map((seconds, run) => seconds / qcow2.allSeconds[run]!));
  const gib = Math.round(((raw.mibPerSec * raw.seconds * MiB) / GiB) * 100) / 100;
  const what = `a qcow2 of ${gib} GiB, a fourth of it data: its raw file's speed`;
  const peak = qcow2.peakMiB;
  return [
    { what, unit: "times", reached, atLeast: 0.8 },
    ...(peak === null
      ? []
      : [{ what: "a qcow2: peak memory", unit: "MiB", reached: peak, atMost: 416 } as const]),
  ];
}
