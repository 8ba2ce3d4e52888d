import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal } from "./journal.js";
import type { Transfer } from "./replay.js";

/** What a vector's JSON says: the rule that it shows, and what must come of it. */
interface Expected {
  readonly rule: string;
  readonly transfer?: unknown;
  readonly code?: string;
}

const folder = join(import.meta.dirname, "../../testdata/journal");
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".journal"))
  .map((name) => name.slice(0, -".journal".length));

test("there is a vector for every rule", () => {
  expect(names.length).toBeGreaterThan(45);
});

test.each(names)("vector %s", (name) => {
  const contents = readFileSync(join(folder, `${name}.journal`));
  const { transfer, code } = JSON.parse(
    readFileSync(join(folder, `${name}.json`), "utf8"),
  ) as Expected;
  if (code === undefined) expect(told(readJournal(contents))).toEqual(transfer);
  else expect(() => readJournal(contents)).toThrow(expect.objectContaining({ code }) as Error);
});

/** Receipts as a list, as they stand in the vector. */
function told(transfer: Transfer): unknown {
  return "receipts" in transfer
    ? { ...transfer, receipts: [...transfer.receipts.values()] }
    : transfer;
}
