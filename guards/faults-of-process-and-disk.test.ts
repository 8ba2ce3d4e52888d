import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesIn, root } from "./workspace.js";

const page = readFileSync(join(import.meta.dirname, "faults-of-process-and-disk.md"), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2)
  .map((line) => line.split(" | "));
/** All tests' sources; the suites of contracts are tests too. */
const sources = filesIn(join(root, "packages"), /\.ts$/)
  .filter((path) => /\.test\.ts$|[\\/]contracts[\\/]/.test(path))
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

test("every fault of process and disk has tests, by title", () => {
  expect(rows.length).toBeGreaterThan(25);
  for (const [fault, , tests = ""] of rows) {
    const titles = [...tests.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
    expect(titles.length, fault).toBeGreaterThan(0);
    for (const title of titles) {
      const stands = [`"${title}"`, `\`${title}\``, `"${title} (`].some((one) =>
        sources.includes(one),
      );
      expect(stands, `${fault}: there is no test "${title}"`).toBe(true);
    }
  }
});
