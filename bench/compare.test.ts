import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare, GiB, median, rowOf } from "./compare.js";
import type { Measured } from "./measure.js";

const run = (seconds: number, cpuSeconds: number = 1): Measured => ({
  seconds,
  cpuSeconds,
  peakMiB: seconds * 10,
  stdout: "",
});

test("a ratio is the median over pairs of one round, so that a slow minute of the machine does not count", () => {
  const ours = [run(1), run(10), run(1)];
  const theirs = [run(2), run(20), run(3)];
  const row = rowOf({ name: "other", what: "another" }, theirs, ours, GiB);
  expect(row.timesOurs).toBe(2);
  expect(row.seconds).toBe(3);
  expect(row.peakMiB).toBe(200);
});

test("contenders take turns, and the first round does not count", async () => {
  const folder = await mkdtemp(join(tmpdir(), "img-bench-test-"));
  try {
    const log = join(folder, "log");
    const writing = (name: string): readonly string[] => ["sh", "-c", `echo ${name} >>'${log}'`];
    const contenders = [
      { name: "a", what: "a", command: writing("a"), insideSeconds: () => 0.5 },
      { name: "b", what: "b", command: writing("b") },
      { name: "gone", what: "gone", command: null },
    ];
    const rows = await compare(contenders, GiB, 2, process.env);
    expect(await readFile(log, "utf8")).toBe("a\nb\na\nb\na\nb\n");
    expect(rows.map(({ name, allSeconds }) => [name, allSeconds.length])).toEqual([
      ["a", 2],
      ["a-inside", 2],
      ["b", 2],
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  [[3], 3],
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
])("the median of %j is %d", (values, middle) => {
  expect(median(values)).toBe(middle);
});
