import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesIn, packages, root } from "./workspace.js";

const guide = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");
const rows = [...guide.matchAll(/^\| `([A-Z_]+)` .*$/gm)].map((match) => match[1]);

/** Every code of an error class that a package hands out, and those that the command knows solutions of. */
function codesIn(folder: string): string[] {
  const names = ["index.ts", "errors.ts"]
    .map((name) => join(folder, "src", name))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const sources = filesIn(join(folder, "src"), /(?<!\.test)\.ts$/)
    .filter((path) => !/\/(testing|crash-test)\//.test(path))
    .map((path) => readFileSync(path, "utf8"));
  const ofClasses = sources.flatMap((code) =>
    [...code.matchAll(/\bclass (\w+)[^]*?\bcode\b(?:: string)? = "([A-Z_]+)"/g)]
      .filter(([, name = ""]) => new RegExp(`\\b${name}\\b`).test(names))
      .map((match) => match[2] ?? ""),
  );
  const ofSolutions = sources.flatMap((code) =>
    [...code.matchAll(/^ {2}([A-Z][A-Z_]+): \{/gm)].map((match) => match[1] ?? ""),
  );
  return [...ofClasses, ...ofSolutions];
}

test.each(packages)(
  "the guide says what to do about every code of $manifest.name",
  ({ folder }) => {
    const missing = [...new Set(codesIn(folder))].filter((code) => !rows.includes(code));
    expect(missing).toEqual([]);
  },
);

test("the guide has no code that nothing throws", () => {
  const codes = new Set(packages.flatMap(({ folder }) => codesIn(folder)));
  const besides = ["UNEXPECTED"]; // what the command calls everything else
  expect(rows.filter((code) => !codes.has(code ?? "") && !besides.includes(code ?? ""))).toEqual(
    [],
  );
});

test("the README's table names every code of a transfer, or says that the message tells", () => {
  const errors = filesIn(join(root, "packages/transfer/src/errors"), /\.ts$/)
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const codes = [...errors.matchAll(/code = "([A-Z_]+)"/g)].map((match) => match[1] ?? "");
  expect(codes.length).toBeGreaterThan(20);
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(codes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
});
