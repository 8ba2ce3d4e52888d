import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { asVersion1 } from "../testing/journal-version-1.js";
import { encodeJournal } from "./codec.js";
import { decodeJournal, readJournal } from "./read-journal.js";
import type { Transfer } from "./state.js";

/** What a vector's JSON says: the rule that it shows, and what must come of it. */
interface Expected {
  readonly rule: string;
  readonly transfer?: unknown;
  readonly code?: string;
}

const folder = join(import.meta.dirname, "../../testdata/journal");
const namesOf = (version: string): string[] =>
  readdirSync(join(folder, version))
    .filter((name) => name.endsWith(".journal"))
    .map((name) => join(version, name.slice(0, -".journal".length)));
const names = ["version-1", "version-2"].flatMap(namesOf);

test("there is a vector for every rule", () => {
  expect(names.length).toBeGreaterThan(90);
});

test.each(names)("vector %s", (name) => {
  const contents = readFileSync(join(folder, `${name}.journal`));
  const { transfer, code } = JSON.parse(
    readFileSync(join(folder, `${name}.json`), "utf8"),
  ) as Expected;
  if (code === undefined) expect(told(readJournal(contents))).toEqual(transfer);
  else expect(() => readJournal(contents)).toThrow(expect.objectContaining({ code }) as Error);
});

test("the tests write journals of version 1 byte for byte as version 1 did", () => {
  const before = readFileSync(join(folder, "version-1/upload-source-digest-stopped.journal"));
  const { id, records } = decodeJournal(before);
  const groups = encodeJournal(id, records);
  expect(asVersion1(groups)).toEqual(new Uint8Array(before));
});

/** Receipts as a list, as they stand in the vector. */
function told(transfer: Transfer): unknown {
  return "receipts" in transfer
    ? { ...transfer, receipts: [...transfer.receipts.values()] }
    : transfer;
}
