import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { MemoryJournals } from "../contracts/memory-journals.js";
import { JournalCorruptError } from "../errors.js";
import {
  beginUpload,
  oldSampleJournal,
  sampleJournal,
  sampleKey,
} from "../testing/sample-journals.js";
import { encodeHeader, encodeRecords } from "./codec.js";
import { decodeJournal, readJournal } from "./read-journal.js";
import { openJournal } from "./journal.js";
import type { JournalRecord } from "./record.js";

const seeds = Array.from({ length: 20 }, (_, seed) => seed);
/** Of both versions. */
let journals: readonly Uint8Array[];
beforeAll(async () => {
  journals = await Promise.all([...seeds.map(sampleJournal), ...seeds.map(oldSampleJournal)]);
});

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
const linesOf = (journal: Uint8Array): Uint8Array[] =>
  textOf(journal)
    .split(/(?<=\n)/)
    .map(ascii);
/** What the last line says was durable when it was written. */
const syncedBytesOf = (journal: Uint8Array): number =>
  Number(textOf(linesOf(journal).at(-1)!).split(" ")[2]);

test("the samples are what they should be: whole, small and unlike", () => {
  for (const [index, journal] of journals.entries()) {
    expect(textOf(journal)).toMatch(index < 20 ? /^img-journal 2 / : /^img-journal 1 /);
    expect(decodeJournal(journal).wholeBytes).toBe(journal.length);
    expect(readJournal(journal).at).not.toBe("nothing");
    expect(journal.length).toBeLessThan(2_000);
  }
  expect(new Set(journals.map((journal) => readJournal(journal).at)).size).toBeGreaterThan(3);
});

// fault D10
test("journal cut at every offset: the longest whole prefix", () => {
  for (const journal of journals) {
    for (let length = 0; length < journal.length; length++) {
      const cut = journal.subarray(0, length);
      const { wholeBytes } = decodeJournal(cut);
      const lastEnd = cut.lastIndexOf(0x0a) + 1;
      if (wholeBytes !== lastEnd)
        expect({ length, wholeBytes }).toEqual({ length, wholeBytes: lastEnd });
    }
  }
});

// fault D10
test.each([
  ["this version", 1],
  ["version 1", 21],
])("journal of %s cut at every offset: the tail is cut before the next append", async (_, at) => {
  const key = sampleKey(1);
  const journal = journals[at]!;
  for (let length = 0; length < journal.length; length++) {
    const store = new MemoryJournals();
    const file = await store.open(key, { force: false });
    await file.replace(journal.subarray(0, length));
    await file.close();
    const opened = await openJournal(store, key, { force: false });
    if (opened.state.at !== "nothing") {
      await opened.append({ type: "stopped", code: "CUT", atSec: length });
      const [stored] = await store.list();
      expect(readJournal(stored!.contents)).toEqual(opened.state);
    }
  }
});

// fault D11
test("every bit of a journal flipped: corrupt before what was synced, else an exact prefix of its history", () => {
  let flips = 0;
  // Twelve of this version and eight of the one before, of each kind and length.
  for (const journal of journals.slice(8, 28)) {
    const syncedBytes = syncedBytesOf(journal);
    const damaged = journal.slice();
    for (let bit = 0; bit < journal.length * 8; bit++) {
      const at = bit >> 3;
      damaged[at]! ^= 1 << (bit & 7);
      const told = outcome(damaged);
      const expected =
        at < syncedBytes ? told === "corrupt" : isPrefix(told, journal, syncedBytes, at);
      if (!expected) expect({ bit, told }).toBe("corrupt, or an exact prefix");
      damaged[at] = journal[at]!;
      flips++;
    }
  }
  expect(flips).toBeGreaterThan(100_000);
});

function outcome(journal: Uint8Array): number | "corrupt" {
  try {
    return decodeJournal(journal).wholeBytes;
  } catch (error) {
    if (error instanceof JournalCorruptError) return "corrupt";
    throw error;
  }
}

/** What was taken for whole are lines of the journal, all that were synced and none that was hit. */
function isPrefix(
  told: number | "corrupt",
  journal: Uint8Array,
  syncedBytes: number,
  at: number,
): boolean {
  if (told === "corrupt") return linesOf(journal).length === 2; // its header and its first record, never torn
  return told >= syncedBytes && told <= at && journal[told - 1] === 0x0a;
}

// fault D13
test("zeros or garbage at the end (1 byte to 64 KiB): the tail is cut", () => {
  const tails = fc.oneof(
    fc.integer({ min: 1, max: 65_536 }).map((length) => new Uint8Array(length)),
    fc.uint8Array({ minLength: 1, maxLength: 65_536, size: "max" }),
    fc.string({ minLength: 1 }).map(ascii),
  );
  fc.assert(
    fc.property(fc.nat(39), tails, (seed, tail) => {
      const journal = journals[seed]!;
      expect(decodeJournal(joined(journal, tail)).wholeBytes).toBe(journal.length);
    }),
    { numRuns: 100 },
  );
});

test("random damage: corrupt, or an exact prefix, never anything that was not written", () => {
  const damage = fc.record({
    seed: fc.nat(39),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat(600),
    put: fc.uint8Array({ maxLength: 600 }),
  });
  fc.assert(
    fc.property(damage, ({ seed, at, removed, put }) => {
      const journal = journals[seed]!;
      const from = Math.floor(at * journal.length);
      const damaged = joined(journal.subarray(0, from), put, journal.subarray(from + removed));
      const told = outcome(damaged);
      if (told === "corrupt") return;
      expect(damaged.subarray(0, told)).toEqual(journal.subarray(0, told));
    }),
    { numRuns: 3_000 },
  );
});

test("a sector of zeros in what was synced is corrupt, and in the last group is cut", () => {
  for (const journal of journals) {
    const syncedBytes = syncedBytesOf(journal);
    const early = journal.slice();
    early.fill(0, Math.max(0, syncedBytes - 20), syncedBytes);
    if (syncedBytes > 0) expect(outcome(early)).toBe("corrupt");
    const late = journal.slice();
    late.fill(0, syncedBytes + 4, journal.length - 1);
    if (syncedBytes > 0) expect(outcome(late)).toBe(syncedBytes);
  }
});

/** The lines of an upload whose last group is of three receipts. */
function grouped(): Uint8Array[] {
  const id = "5f".repeat(16);
  const receipts = [1, 2, 3].map(
    (part) => ({ type: "receipt", part, crc32: part, etag: "e" }) as const,
  );
  const groups: JournalRecord[][] = [
    [beginUpload],
    [{ type: "intent", sinceSec: 1, timeoutMs: 1 }],
    [{ type: "started", imageId: "image_1", adopted: false }],
    receipts,
  ];
  let journal = encodeHeader(id);
  let sequence = 1;
  for (const records of groups) {
    const syncedBytes = sequence === 1 ? 0 : journal.length;
    journal = joined(journal, encodeRecords({ id, sequence, syncedBytes }, records));
    sequence += records.length;
  }
  return linesOf(journal);
}

// fault D14
test("a record twice at the end is cut", () => {
  const lines = grouped();
  const doubled = joined(...lines, lines.at(-1)!);
  expect(outcome(doubled)).toBe(joined(...lines).length);
});

// fault D14
test("a record twice, with others after it, is corrupt", () => {
  const lines = grouped();
  expect(outcome(joined(...lines.slice(0, 3), lines[2]!, ...lines.slice(3)))).toBe("corrupt");
});

// fault D14
test("records swapped are cut where they were not synced, else corrupt", () => {
  const lines = grouped();
  const [last, before] = [lines.at(-1)!, lines.at(-2)!];
  const whole = joined(...lines.slice(0, -2));
  expect(outcome(joined(whole, last, before))).toBe(whole.length);
  const [header, first, second, ...rest] = lines;
  expect(outcome(joined(header!, second!, first!, ...rest))).toBe("corrupt");
});

// fault D14
test("a record from another transfer is cut at the end, and corrupt before it", async () => {
  const lines = linesOf(await sampleJournal(5));
  const others = linesOf(await sampleJournal(5)); // the same in all but its id
  const whole = joined(...lines.slice(0, -1));
  expect(outcome(joined(whole, others.at(-1)!))).toBe(whole.length);
  const mixed = lines.map((line, index) => (index === 2 ? others[2]! : line));
  expect(outcome(joined(...mixed))).toBe("corrupt");
  expect(outcome(joined(others[0]!, ...lines.slice(1)))).not.toBe(joined(...lines).length);
});
