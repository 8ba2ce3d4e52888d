import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { compare, median, type Contender, type Row } from "../compare.js";
import type { Goal } from "../goals.js";
import { isOnPath } from "../machine.js";
import type { BenchOptions } from "../options.js";
import { printRows } from "../report.js";
import { imgCommand, onStage, type Stage } from "../stage.js";
import { spread } from "./disk.js";
import type { Outcome } from "./outcome.js";

const packers = [
  { name: "gz", program: "gzip", pack: ["-1kc"], unpack: "gzip -dc" },
  { name: "zst", program: "zstd", pack: ["-3kc"], unpack: "zstd -dc" },
  { name: "xz", program: "xz", pack: ["-1kc"], unpack: "xz -dc" },
] as const;

/**
 * Compares the upload of a compressed disk with a pipe from the decompression program. Both send the same
 * bytes.
 */
export function benchPacked(options: BenchOptions): Promise<Outcome> {
  return onStage(options, 1, async (stage) => {
    console.error("making a disk, and compressed files of it");
    const raw = spread(stage, 1);
    const there = packers.filter(({ program }) => isOnPath(program));
    const all = there.flatMap((packer) => pair(stage, raw, packer, options));
    const rows = await compare(all, stage.sizeBytes, options.runs, stage.env);
    const missing = packers.filter((one) => !there.includes(one)).map(({ program }) => program);
    const figures = { sizeBytes: stage.sizeBytes, rows, missing };
    printRows(figures);
    return { figures, goals: there.flatMap(({ name }) => goalOf(rows, name)) };
  });
}

function pair(
  { folder }: Stage,
  raw: string,
  { name, program, pack, unpack }: (typeof packers)[number],
  options: BenchOptions,
): readonly Contender[] {
  const path = join(folder, `disk.${name}`);
  const out = openSync(path, "w");
  execFileSync(program, [...pack, raw], { stdio: ["ignore", out, "inherit"] });
  closeSync(out);
  const piped = imgCommand(["upload", "-", "--name", "bench"], options).join(" ");
  return [
    { name, what: `a .${name}`, command: imgCommand(["upload", path, "--name", "bench"], options) },
    {
      name: `${name}-piped`,
      what: `${unpack} | img upload -`,
      command: ["bash", "-o", "pipefail", "-c", `${unpack} ${path} | ${piped}`],
    },
  ];
}

function goalOf(rows: readonly Row[], name: string): readonly Goal[] {
  const [own, piped] = [name, `${name}-piped`].map((one) => rows.find((row) => row.name === one));
  if (own === undefined || piped === undefined) return [];
  const reached = median(piped.allSeconds.map((seconds, run) => seconds / own.allSeconds[run]!));
  const what = `a .${name}: the speed of its program and a pipe`;
  return [{ what, unit: "times", reached, atLeast: name === "xz" ? 0.3 : 0.8 }];
}
