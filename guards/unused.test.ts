import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./workspace.js";

test("every file, export and dependency is used", { timeout: 120_000 }, async () => {
  const knip = join(root, "node_modules/knip/bin/knip.js");
  const report = await new Promise<string>((resolve) => {
    const options = { cwd: root, maxBuffer: 2 ** 24 };
    execFile(process.execPath, [knip, "--no-progress"], options, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  expect(report.trim()).toBe("");
});
