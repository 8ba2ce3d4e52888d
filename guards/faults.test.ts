import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesIn, root } from "./workspace.js";

/** All tests' sources; the suites of contracts are tests too. */
const sources = filesIn(join(root, "packages"), /\.ts$/)
  .filter((path) => /\.test\.ts$|[\\/]contracts[\\/]/.test(path))
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

function rowsOf(page: string): readonly (readonly string[])[] {
  return readFileSync(join(import.meta.dirname, page), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (fault|---)/.test(line))
    .map((line) => line.split(" | "));
}

test.each([
  ["faults-of-process-and-disk.md", 28],
  ["faults-of-network-and-services.md", 40],
])("every fault of %s has tests, by title", (page, leastRows) => {
  const rows = rowsOf(page);
  expect(rows.length).toBeGreaterThanOrEqual(leastRows);
  for (const [fault, , tests = ""] of rows) {
    const titles = [...tests.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
    expect(titles.length, fault).toBeGreaterThan(0);
    for (const title of titles) {
      const stands = [`"${title}"`, `'${title}'`, `\`${title}\``, `"${title} (`].some((one) =>
        sources.includes(one),
      );
      expect(stands, `${fault}: there is no test "${title}"`).toBe(true);
    }
  }
});
