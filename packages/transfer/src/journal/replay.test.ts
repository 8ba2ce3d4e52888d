import fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  beginDownload as beginDownloadOf,
  beginUpload as beginUploadOf,
} from "../testing/sample-journals.js";
import type { DownloadBegin, JournalRecord, UploadBegin } from "./record.js";
import type { Transfer } from "./state.js";
import { applyRecord, replay } from "./replay.js";
import { nothing } from "./state.js";

const beginUpload: UploadBegin = { ...beginUploadOf, sizeBytes: 21, partBytes: 10 };
const beginDownload: DownloadBegin = { ...beginDownloadOf, sizeBytes: 21, partBytes: 10 };
const sha256 = "a1".repeat(32);
const intent: JournalRecord = { type: "intent", sinceSec: 5, timeoutMs: 60_000 };
const started: JournalRecord = { type: "started", imageId: "image_1", adopted: true };
const completing: JournalRecord = { type: "completing", sha256 };
const completed: JournalRecord = { type: "completed", atSec: 30 };
const size: JournalRecord = { type: "size", sizeBytes: 21 };
const source: JournalRecord = {
  type: "source",
  identity: { ino: "2" },
  from: "/copy.qcow2",
  format: "qcow2",
};
const sink: JournalRecord = { type: "sink", identity: "3:4", to: "/moved.img" };
const digest: JournalRecord = { type: "digest", positionBytes: 21, state: "s" };
const stopped: JournalRecord = { type: "stopped", code: "NO_PROGRESS", atSec: 9 };
const sent = (part: number, crc32 = part): JournalRecord => ({
  type: "receipt",
  part,
  crc32,
  etag: "e",
});
const got = (part: number): JournalRecord => ({ type: "receipt", part, crc32: part, etag: null });

/** Of a source that tells its size only at its end. */
const unsized: UploadBegin = { ...beginUpload, sizeBytes: null };

/** A shortest history to each state. */
const histories = {
  nothing: [],
  begun: [beginUpload],
  intended: [beginUpload, intent],
  started: [beginUpload, intent, started],
  "started, all sent": [beginUpload, intent, started, sent(1), sent(2), sent(3)],
  completing: [beginUpload, intent, started, sent(1), sent(2), sent(3), completing],
  completed: [beginUpload, intent, started, sent(1), sent(2), sent(3), completing, completed],
  downloading: [beginDownload],
  "begun, unsized": [unsized],
  "intended, unsized": [unsized, intent],
  "started, unsized": [unsized, intent, started],
  "started, sized later": [unsized, intent, started, sent(1), size],
} satisfies Record<string, JournalRecord[]>;

const records = {
  begin: beginUpload,
  "begin download": beginDownload,
  intent,
  started,
  "receipt sent": sent(3),
  "receipt got": got(3),
  "receipt beyond the plan": sent(4),
  size,
  "a smaller size": { type: "size", sizeBytes: 20 },
  source,
  sink,
  digest,
  "digest beyond the end": { type: "digest", positionBytes: 22, state: "s" },
  completing,
  completed,
  stopped,
} satisfies Record<string, JournalRecord>;

/** What may follow where; everything else makes no sense. */
const allowed: Record<keyof typeof histories, readonly (keyof typeof records)[]> = {
  nothing: ["begin", "begin download"],
  begun: ["intent", "source", "digest", "stopped"],
  intended: ["intent", "started", "source", "digest", "stopped"],
  started: ["receipt sent", "source", "digest", "stopped"],
  "started, all sent": ["receipt sent", "source", "digest", "completing", "stopped"],
  completing: ["source", "digest", "completing", "completed", "stopped"],
  completed: ["source", "stopped"],
  downloading: ["receipt got", "sink", "digest", "stopped"],
  "begun, unsized": [
    "intent",
    "size",
    "a smaller size",
    "source",
    "digest",
    "digest beyond the end",
    "stopped",
  ],
  "intended, unsized": [
    "intent",
    "started",
    "size",
    "a smaller size",
    "source",
    "digest",
    "digest beyond the end",
    "stopped",
  ],
  "started, unsized": [
    "receipt sent",
    "receipt beyond the plan",
    "size",
    "a smaller size",
    "source",
    "digest",
    "digest beyond the end",
    "stopped",
  ],
  "started, sized later": ["receipt sent", "source", "digest", "stopped"],
};

const namesOf = <Name extends string>(of: Record<Name, unknown>) => Object.keys(of) as Name[];

test.each(namesOf(histories))(
  "where a transfer is %s, only what makes sense there may follow",
  (at) => {
    const state = replay(histories[at]);
    const taken = namesOf(records).filter((name) => {
      try {
        applyRecord(state, records[name]);
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: "JOURNAL_CORRUPT" });
        return false;
      }
    });
    expect(taken).toEqual(allowed[at]);
  },
);

test.each(namesOf(histories))("a history to %s that is damaged in no line ends there", (at) => {
  expect(replay(histories[at]).at).toBe(at.replace(/, .*/, ""));
});

test("what makes no sense is told, with where the transfer is", () => {
  const told = (records: JournalRecord[]) => () => replay(records);
  const started = 'where the transfer is at "started"';
  expect(told([...histories.started, intent])).toThrow(`it says "intent" ${started}`);
  expect(told([...histories.started, sent(4)])).toThrow(
    `it says "a receipt for part 4" ${started}`,
  );
});

const pinned = { begin: beginUpload, digest: null, stopped: null };
const original = { sizeBytes: 21, identity: { ino: "1" }, from: "/disk.img", format: "raw" };

test("each state has what exists then, and nothing else", () => {
  const receipts = new Map([1, 2, 3].map((part) => [part, { part, crc32: part, etag: "e" }]));
  const image = { imageId: "image_1", adopted: true };
  const expected: Record<string, Transfer> = {
    nothing: { at: "nothing" },
    begun: { at: "begun", ...pinned, ...original },
    intended: { at: "intended", ...pinned, ...original, sinceSec: 5, timeoutMs: 60_000 },
    started: { at: "started", ...pinned, ...original, ...image, receipts: new Map() },
    completing: { at: "completing", ...pinned, ...original, ...image, receipts, sha256 },
    completed: { at: "completed", ...pinned, ...original, ...image, sha256, atSec: 30 },
    downloading: {
      at: "downloading",
      begin: beginDownload,
      sinkIdentity: "1:2",
      to: "/disk.img",
      digest: null,
      stopped: null,
      receipts: new Map(),
    },
  };
  for (const at of namesOf(expected)) {
    expect(replay(histories[at as keyof typeof histories])).toEqual(expected[at]);
  }
});

test("the last source, digest and reason to stop count, in every later state", () => {
  const again: JournalRecord = { type: "stopped", code: "DISK", atSec: 10 };
  const whole = replay([
    beginUpload,
    source,
    stopped,
    digest,
    again,
    ...histories.completed.slice(1),
  ]);
  expect(whole).toMatchObject({
    at: "completed",
    identity: { ino: "2" },
    from: "/copy.qcow2",
    format: "qcow2",
    digest: { positionBytes: 21, state: "s" },
    stopped: { code: "DISK", atSec: 10 },
  });
});

test("a second receipt of a part takes the place of the first", () => {
  const state = replay([...histories.started, sent(1, 7), sent(2), sent(1, 8)]);
  expect(state).toMatchObject({
    receipts: new Map([
      [1, { part: 1, crc32: 8, etag: "e" }],
      [2, { part: 2, crc32: 2, etag: "e" }],
    ]),
  });
});

test("the last intent and the last digest to complete with count", () => {
  const later: JournalRecord = { type: "intent", sinceSec: 6, timeoutMs: 1 };
  expect(replay([beginUpload, intent, later])).toMatchObject({ sinceSec: 6, timeoutMs: 1 });
  const other = "b2".repeat(32);
  expect(replay([...histories.completing, { type: "completing", sha256: other }])).toMatchObject({
    sha256: other,
  });
});

const anyRecord = fc.constantFrom(...Object.values(records));

test("folding all at once is folding one by one, and no state is changed by what follows it", () => {
  const start = fc.constantFrom(...namesOf(histories));
  fc.assert(
    fc.property(start, fc.array(anyRecord), (at, tries) => {
      const taken = [...histories[at]];
      let state: Transfer = replay(taken);
      for (const record of tries) {
        const before = structuredClone(state);
        const next = tryToApply(state, record);
        expect(state).toEqual(before);
        if (next === null) continue;
        taken.push(record);
        state = next;
      }
      expect(state).toEqual(taken.reduce(applyRecord, nothing));
      expect(replay(taken)).toEqual(state);
    }),
  );
});

test("a prefix of a history is a history, and its receipts are among those of the whole", () => {
  const whole = [
    ...histories.started,
    sent(2),
    digest,
    sent(1),
    source,
    sent(3),
    stopped,
    completing,
  ];
  const parts = (state: Transfer) => ("receipts" in state ? [...state.receipts.keys()] : []);
  for (let length = 0; length <= whole.length; length++) {
    const some = parts(replay(whole.slice(0, length)));
    expect(parts(replay(whole))).toEqual(expect.arrayContaining(some));
  }
});

function tryToApply(state: Transfer, record: JournalRecord): Transfer | null {
  try {
    return applyRecord(state, record);
  } catch {
    return null;
  }
}

test("receipts that are each followed by the digest's state are folded without copying those before", () => {
  const parts = 500;
  const begin = { ...beginUpload, sizeBytes: parts * 10 };
  const history: JournalRecord[] = [begin, intent, started];
  for (let part = 1; part <= parts; part++) {
    history.push(sent(part), { ...digest, positionBytes: part * 10 });
  }
  const copied = vi.spyOn(Map.prototype, "set");

  const state = replay(history);
  const { length } = copied.mock.calls;
  copied.mockRestore();

  expect(state).toMatchObject({ at: "started", digest: { positionBytes: parts * 10 } });
  expect("receipts" in state && state.receipts.size).toBe(parts);
  expect(length).toBeLessThanOrEqual(2 * parts);
});
