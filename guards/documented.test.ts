import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "./workspace.js";

test(
  "every public name is documented, and every link leads somewhere",
  { timeout: 180_000 },
  async () => {
    const typedoc = join(root, "node_modules/typedoc/bin/typedoc");
    const args = [typedoc, "--emit", "none", "--logLevel", "Warn"];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
      cwd: root,
    }).catch((error: unknown) => error as { stdout: string; stderr: string });
    expect((stdout + stderr).trim()).toBe("");
  },
);
