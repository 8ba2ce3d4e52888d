import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packages, root } from "./workspace.js";

// TypeDoc reports nothing about a package that is not listed there.
test("every package that can be imported is checked", () => {
  const [, named] =
    /"packagesRequiringDocumentation": \[([^\]]*)\]/.exec(
      readFileSync(join(root, "typedoc.json"), "utf8"),
    ) ?? [];
  const imported = packages.filter(({ manifest }) => "." in (manifest.exports ?? {}));
  expect(named?.match(/[^"\s,]+/g)?.sort()).toEqual(imported.map(({ manifest }) => manifest.name));
});

test(
  "every public name and property is documented, and every link leads somewhere",
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
