import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { severities } from "./finding.js";

test("docs/checks.md has a row for each finding, with its severity", () => {
  const page = readFileSync("docs/checks.md", "utf8");
  const rows = [...page.matchAll(/^\| `([A-Z0-9_]+)` +\| (\w+)/gm)].map(([, code, severity]) => [
    code,
    severity,
  ]);
  expect(rows).toEqual(Object.entries(severities));
});
