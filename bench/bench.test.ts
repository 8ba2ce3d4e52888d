import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { isOnPath } from "./machine.js";
import type { Result } from "./report.js";
import type { SideBySide } from "./scenarios/side-by-side.js";

const bench = join(import.meta.dirname, "dist/bench.js");

test("one small round runs every installed program, and writes JSON and the picture", async () => {
  const out = await mkdtemp(join(tmpdir(), "img-bench-test-"));
  try {
    const args = [bench, "upload", "download", "--gib", "0.02", "--runs", "1", "--out", out];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const curl = isOnPath("curl");
    const aria2c = isOnPath("aria2c") ? ["aria2c"] : [];
    const s3Commands = ["rclone", "aws"].filter(isOnPath);
    expect(await names(out, "upload")).toEqual([
      ...["img", "img-inside", "url", ...(curl ? ["floor"] : []), "vendor", "lib-storage"],
      ...[...s3Commands, "tus"],
      ...(curl ? ["ceiling"] : []),
    ]);
    expect(await names(out, "download")).toEqual([
      ...["img", "img-inside", ...(curl ? ["curl"] : []), ...aria2c, ...(curl ? ["ceiling"] : [])],
    ]);
    expect(stdout).toContain("upload: the vendor's flow");
    expect(await readFile(join(out, "speed.svg"), "utf8")).toContain("@aws-sdk/lib-storage");
  } finally {
    await rm(out, { recursive: true });
  }
});

async function names(out: string, scenario: string): Promise<readonly string[]> {
  const text = await readFile(join(out, `${scenario}.json`), "utf8");
  const { figures } = JSON.parse(text) as Result & { figures: SideBySide };
  return figures.rows.map(({ name }) => name);
}
