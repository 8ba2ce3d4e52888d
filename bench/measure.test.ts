import { expect, test } from "vitest";
import { cpuSecondsOf, measure } from "./measure.js";

test("the CPU time of a command is that of all its processes", async () => {
  const spin = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
  const { cpuSeconds, stdout } = await measure(["sh", "-c", `(${spin}); echo done`], process.env);
  expect(cpuSeconds).toBeGreaterThan(0.02);
  expect(stdout).toBe("done\n");
});

test("the shells' ways to print times are read alike", () => {
  expect(cpuSecondsOf("0m0.00s 0m0.00s\n1m2.50s 0m0.25s\n")).toBe(62.75);
  expect(cpuSecondsOf("0m0.000000s 0m0.000000s\n0m1.500000s 0m0.500000s\n")).toBe(2);
});

test.runIf(process.platform === "linux")(
  "the peak is that of all processes at one time",
  async () => {
    const hold = (ms: number, then = ""): string =>
      `'${process.execPath}' -e 'const b = Buffer.alloc(64 << 20, 1); setTimeout(() => b, ${ms}); ${then}'`;
    const one = await measure(["sh", "-c", hold(500)], process.env);
    // The second one begins when the first has allocated its memory.
    const first = hold(60_000, "console.log(process.pid)");
    const two = await measure(
      ["sh", "-c", `${first} | { read p; ${hold(500)}; kill $p; }`],
      process.env,
    );
    expect(one.peakMiB).toBeGreaterThan(64);
    expect(two.peakMiB).toBeGreaterThan(1.5 * (one.peakMiB ?? Infinity));
  },
);

test("a command that fails says what it printed", async () => {
  await expect(measure(["sh", "-c", "echo oh >&2; exit 3"], process.env)).rejects.toThrow(
    /ended with 3: oh/,
  );
});
