import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "../crc32.js";
import { beginDownload, beginUpload } from "../testing/sample-journals.js";
import { encodeHeader, encodeRecords } from "./codec.js";
import { decodeJournal } from "./read-journal.js";
import type { JournalRecord } from "./record.js";

const id = "0123456789abcdef0123456789abcdef";
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const crcOf = (text: string): string => crc32(ascii(text)).toString(16).padStart(8, "0");
const header = (text: string): string => `${text} ${crcOf(text)}\n`;
const line = (rest: string): string => `${crcOf(`${id} ${rest}`)} ${rest}\n`;
const decode = (...lines: readonly string[]) => decodeJournal(ascii(lines.join("")));
const head = textOf(encodeHeader(id));
const refusal = (code: string) => expect.objectContaining({ code }) as Error;
const corrupt = (why: string) =>
  expect.objectContaining({
    code: "JOURNAL_CORRUPT",
    message: expect.stringContaining(why) as string,
  }) as Error;

const completed: JournalRecord = { type: "completed", atSec: 1 };

const text = fc.string({ unit: "binary" });
const whole = fc.nat(Number.MAX_SAFE_INTEGER);
const positive = whole.map((value) => Math.max(1, value));
const moment = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(Math.abs);
const sha256 = fc.string({
  unit: fc.constantFrom(...Array.from("0123456789abcdef")),
  minLength: 64,
  maxLength: 64,
});
const identity = fc.dictionary(text, text);
const uint32 = fc.nat(0xffffffff);
const is = <const Value>(value: Value) => fc.constant(value);

/** Any record that the engine can ask for. */
const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({
    type: is("begin"),
    kind: is("upload"),
    server: text,
    workspace: fc.option(text),
    name: text,
    sizeBytes: fc.option(positive),
    partBytes: positive,
    format: text,
    from: text,
    identity,
    beganAtSec: moment,
  }),
  fc.record({
    type: is("begin"),
    kind: is("download"),
    server: text,
    workspace: fc.option(text),
    imageId: text,
    name: text,
    sizeBytes: positive,
    partBytes: positive,
    sha256: fc.option(sha256),
    etag: fc.option(text),
    sinkIdentity: text,
    to: text,
    beganAtSec: moment,
  }),
  fc.record({ type: is("intent"), sinceSec: moment, timeoutMs: moment }),
  fc.record({ type: is("started"), imageId: text, adopted: fc.boolean() }),
  fc.record({ type: is("receipt"), part: positive, crc32: uint32, etag: fc.option(text) }),
  fc.record({ type: is("size"), sizeBytes: positive }),
  fc.record({ type: is("source"), identity, from: text, format: text }),
  fc.record({ type: is("sink"), identity: text, to: text }),
  fc.record({ type: is("digest"), positionBytes: whole, state: text }),
  fc.record({ type: is("completing"), sha256 }),
  fc.record({ type: is("completed"), atSec: moment }),
  fc.record({ type: is("stopped"), code: text, atSec: moment }),
);

test("whatever is written is read back", () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyRecord, { maxLength: 4 }), { maxLength: 6 }), (groups) => {
      let journal = head;
      let sequence = 1;
      for (const records of groups) {
        const syncedBytes = ascii(journal).length;
        journal += textOf(encodeRecords({ id, sequence, syncedBytes }, records));
        sequence += records.length;
      }
      const decoded = decodeJournal(ascii(journal));
      expect(decoded).toMatchObject({ id, wholeBytes: ascii(journal).length });
      expect(JSON.stringify(decoded.records)).toBe(JSON.stringify(groups.flat().map(inOrder)));
    }),
  );
});

/** The codec has an order of its own. */
function inOrder(record: JournalRecord): JournalRecord {
  const [, row] = textOf(encodeRecords({ id, sequence: 1, syncedBytes: 0 }, [record])).split(
    / (?=\{)/,
  );
  return JSON.parse(row!) as JournalRecord;
}

test("nothing at all, and a header that was cut, are an empty journal", () => {
  const nothing = { id: "", records: [], isCurrent: true, wholeBytes: 0 };
  expect(decode("")).toEqual(nothing);
  expect(decode("img-jo")).toEqual(nothing);
  expect(decode(head.slice(0, -1))).toEqual(nothing);
});

const named = `img-journal 2 ${id}`;

test.each([
  ["another file", "#!/bin/sh\n"],
  ["a header with another checksum", `${head.slice(0, -3)}00\n`],
  ["a header with something before it", header(`# ${named}`)],
  ["a header whose checksum has a digit too many", `${named} ${crcOf(`${named} `)}0\n`],
  ["a version that is no number", header(`img-journal one ${id}`)],
])("%s is corrupt: the first line is no journal's", (_, contents) => {
  expect(() => decode(contents)).toThrow(corrupt("its first line is not that of a journal"));
});

test.each([
  ["a header without an id", header("img-journal 2 ")],
  ["a header with a short id", header("img-journal 2 abc")],
  ["a header with more than an id", header(`${named}0`)],
  ["a header with something before its id", header(`img-journal 2 0${id}`)],
  ["version 0", header(`img-journal 0 ${id}`)],
])("%s is corrupt: the first line names no transfer", (_, contents) => {
  expect(() => decode(contents)).toThrow(corrupt("its first line names no transfer"));
});

test.each([
  ["another file without a line's end", "GIF89a"],
  ["zeros", "\0".repeat(100)],
])("%s is corrupt: it does not begin as a journal", (_, contents) => {
  expect(() => decode(contents)).toThrow(corrupt("it does not begin as a journal does"));
});

// fault D15
test.each([`img-journal 3 ${id}`, "img-journal 17 whatever that version says"])(
  "a newer version is refused as such, not as damage: %s",
  (first) => {
    expect(() => decode(header(first), "lines\n")).toThrow(refusal("JOURNAL_VERSION"));
  },
);

test.each([
  ["a type that is not known", '{"type":"paused"}'],
  ["no type", "{}"],
  ["a begin of no kind", '{"type":"begin"}'],
  ["a name of every object as its type", '{"type":"constructor"}'],
  ["a field too many", '{"type":"completed","atSec":1,"extra":1}'],
  ["a prototype", '{"type":"completed","atSec":1,"__proto__":{"a":1}}'],
  ["a field too few", '{"type":"started","imageId":"a"}'],
  ["a field of another type", '{"type":"started","imageId":"a","adopted":"yes"}'],
  ["a part 0", '{"type":"receipt","part":0,"crc32":0,"etag":"e"}'],
  ["a part that is no whole number", '{"type":"receipt","part":1.5,"crc32":0,"etag":"e"}'],
  ["a CRC of 33 bits", '{"type":"receipt","part":1,"crc32":4294967296,"etag":"e"}'],
  ["a CRC below 0", '{"type":"receipt","part":1,"crc32":-1,"etag":"e"}'],
  ["a digest in upper case", `{"type":"completing","sha256":"${"A".repeat(64)}"}`],
  ["a digest of 65 digits", `{"type":"completing","sha256":"${"a".repeat(65)}"}`],
  ["a digest with something before it", `{"type":"completing","sha256":"x${"a".repeat(64)}"}`],
  ["a digest with something after it", `{"type":"completing","sha256":"${"a".repeat(64)}x"}`],
  ["a digest in a list", `{"type":"completing","sha256":["${"a".repeat(64)}"]}`],
  ["an ETag that is no text", '{"type":"receipt","part":1,"crc32":0,"etag":5}'],
  ["an identity that is a text", '{"type":"source","identity":"a","from":"f","format":"raw"}'],
  ["an identity that is a list", '{"type":"source","identity":["a"],"from":"f","format":"raw"}'],
  ["an identity of numbers", '{"type":"source","identity":{"ino":1},"from":"f","format":"raw"}'],
  ["an image of no bytes", '{"type":"size","sizeBytes":0}'],
  ["a size that is unknown once more", '{"type":"size","sizeBytes":null}'],
  ["nothing of when it was completed", '{"type":"completed"}'],
  ["a time before 1970", '{"type":"stopped","code":"C","atSec":-1}'],
  ["a list", "[]"],
  ["null", "null"],
  ["no JSON", "{"],
])("a whole line that says %s is corrupt, even as the last one", (_, json) => {
  expect(() => decode(head, line(`1 0 ${json}`))).toThrow(corrupt("record 1 is of no known shape"));
});

test("the least and the largest that a field may say are read", () => {
  const records: JournalRecord[] = [
    { type: "receipt", part: 1, crc32: 0, etag: null },
    { type: "receipt", part: Number.MAX_SAFE_INTEGER, crc32: 0xffffffff, etag: "" },
    { type: "digest", positionBytes: 0, state: "" },
    { type: "intent", sinceSec: 0, timeoutMs: 0 },
  ];
  const written = textOf(encodeRecords({ id, sequence: 1, syncedBytes: 0 }, records));
  expect(decode(head, written).records).toEqual(records);
});

test("a whole line that claims more than stands before it is corrupt", () => {
  const claim = line(`1 ${head.length + 1} {"type":"completed","atSec":1}`);
  expect(() => decode(head, claim)).toThrow(corrupt("its first record cannot be read"));
});

test("a line with something before its checksum is a torn tail", () => {
  const first = textOf(encodeRecords({ id, sequence: 1, syncedBytes: 0 }, [beginUpload]));
  const completed = '2 0 {"type":"completed","atSec":1}';
  // A checksum is told from the eighth byte on: this one is right there, but a byte too late.
  const shifted = Array.from("0123456789abcdef", (digit) => ({
    digit,
    crc: crcOf(`${id}${digit} ${completed}`),
  })).find(({ digit, crc }) => crc.endsWith(digit));
  expect(shifted).toBeDefined();
  const late = `x${shifted!.crc} ${completed}\n`;
  expect(decode(head, first, late).records).toEqual([beginUpload]);
});

test("a line of another sequence number is a torn tail", () => {
  const first = textOf(encodeRecords({ id, sequence: 1, syncedBytes: 0 }, [beginUpload]));
  expect(decode(head, first, line('3 0 {"type":"completed","atSec":1}')).records).toEqual([
    beginUpload,
  ]);
});

test("a first record that is whole but for its contents is corrupt, one that was cut is nothing", () => {
  const first = textOf(encodeRecords({ id, sequence: 1, syncedBytes: 0 }, [beginUpload]));
  expect(() => decode(head, first.replace("upload", "uqload"))).toThrow(
    corrupt("its first record cannot be read"),
  );
  expect(decode(head, first.slice(0, -1))).toMatchObject({ records: [], wholeBytes: head.length });
});

describe("after damage, what is whole says how far it was synced", () => {
  const first = textOf(encodeRecords({ id, sequence: 1, syncedBytes: 0 }, [beginUpload]));
  const syncedBytes = head.length + first.length;
  const claim = textOf(encodeRecords({ id, sequence: 12, syncedBytes }, [completed]));
  const torn = `${first.slice(0, -9)}abcd\0\0\0\0é`;
  const why = `it was synced up to byte ${syncedBytes}, but byte ${head.length} and after`;

  test("also where the end of the line before it is gone", () => {
    expect(() => decode(head, torn, claim)).toThrow(corrupt("its first record cannot be read"));
    const second = textOf(encodeRecords({ id, sequence: 2, syncedBytes }, [completed]));
    const from = syncedBytes + second.length;
    const third = textOf(encodeRecords({ id, sequence: 3, syncedBytes: from }, [completed]));
    expect(() => decode(head, first, second.slice(0, -3), third)).toThrow(
      corrupt(`it was synced up to byte ${from}, but byte ${syncedBytes} and after`),
    );
  });

  test("also where its own line's end is gone", () => {
    expect(() => decode(head, torn, claim.slice(0, -1))).toThrow(corrupt(why));
  });
});

test("a record with a field out of range is refused before it is written", () => {
  const record = { type: "receipt", part: 0.5, crc32: 0, etag: null } as const;
  expect(() => encodeRecords({ id, sequence: 1, syncedBytes: 0 }, [record])).toThrow(/^bug: /);
});

test("what else an object holds stays out of the journal", () => {
  const record = { ...beginDownload, url: "https://store.test/?X-Amz-Signature=secret" };
  const written = textOf(encodeRecords({ id, sequence: 1, syncedBytes: 0 }, [record]));
  expect(written).not.toContain("secret");
  expect(decode(head, written).records).toEqual([beginDownload]);
});

test("an identity keeps a key that is the prototype's, and pollutes nothing", () => {
  const identity = JSON.parse('{"__proto__":"x","ino":"1"}') as Record<string, string>;
  const record: JournalRecord = { type: "source", identity, from: "f", format: "raw" };
  const written = textOf(encodeRecords({ id, sequence: 1, syncedBytes: 0 }, [record]));
  const [read] = decode(head, written).records;
  expect(JSON.stringify(read)).toBe(JSON.stringify(record));
  expect(({} as Record<string, unknown>)["ino"]).toBeUndefined();
});
