import { median, type Row } from "./compare.js";

/** One goal of the project, with the result of this run. */
export interface Goal {
  readonly what: string;
  readonly unit: "times" | "MiB" | "ms";
  readonly reached: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export const isMet = ({ reached, atLeast = -Infinity, atMost = Infinity }: Goal): boolean =>
  reached >= atLeast && reached <= atMost;

/** Returns the goals of an upload, as far as the programs to compare with were run. */
export function uploadGoals(rows: readonly Row[]): readonly Goal[] {
  return [
    ...faster("upload: the floor's speed", rows, "floor", 0.85),
    ...faster("the same without the process's start", rows, "floor", 0.9, "img-inside"),
    ...faster("upload of a URL on this machine: the file's speed", rows, "img", 0.8, "url"),
    ...faster("upload: the vendor's flow", rows, "vendor", 3),
    ...faster("upload: @aws-sdk/lib-storage", rows, "lib-storage", 2.5),
    ...cpu("upload: CPU per GiB, of the floor's", rows, "floor", 1.35),
    ...peak("upload: peak memory", rows, 256),
  ];
}

export function downloadGoals(rows: readonly Row[]): readonly Goal[] {
  return [
    ...faster("download: curl, then openssl", rows, "curl", 1),
    ...faster("download: aria2c", rows, "aria2c", 1.1),
    ...peak("download: peak memory", rows, 256),
  ];
}

function faster(
  what: string,
  rows: readonly Row[],
  other: string,
  atLeast: number,
  ours: string = "img",
): readonly Goal[] {
  const [own, their] = [ours, other].map((name) => rows.find((row) => row.name === name));
  if (own === undefined || their === undefined) return [];
  const reached = median(their.allSeconds.map((seconds, run) => seconds / own.allSeconds[run]!));
  return [{ what, unit: "times", reached, atLeast }];
}

function cpu(what: string, rows: readonly Row[], other: string, atMost: number): readonly Goal[] {
  const their = rows.find(({ name }) => name === other);
  return their === undefined
    ? []
    : [{ what, unit: "times", reached: 1 / their.timesOurCpu, atMost }];
}

function peak(what: string, rows: readonly Row[], atMost: number): readonly Goal[] {
  const reached = rows.find(({ name }) => name === "img")?.peakMiB ?? null;
  return reached === null ? [] : [{ what, unit: "MiB", reached, atMost }];
}
