import { expect, test } from "vitest";
import { limits, MiB, partBytesFor } from "./plan.js";
import { sha256Of } from "./testing/fake-service.js";
import { answered, storeAnswers } from "./testing/faults.js";
import { seededBytes } from "./testing/memory-ports.js";
import { theImage } from "./testing/one-upload.js";
import { Rig } from "./testing/rig.js";
import { forgetJournal } from "./journal/journal.js";
import { describeJournal } from "./unfinished.js";
import type { TransferProgress } from "./progress.js";

const partBytes = partBytesFor(limits.maxImageBytes, 5 * MiB);
const bytes = seededBytes(3 * partBytes + 3);
const refused = storeAnswers(400, "Nonsense");

/** Ends a run when these parts have arrived, in order over one lane. */
async function stopAfter(rig: Rig, parts: number): Promise<void> {
  for (let part = 0; part < parts; part++) rig.service.faults.put.push((_, answer) => answer());
  rig.service.faults.put.push(refused);
  await expect(rig.uploadSequence({ lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
  expect(rig.service.arrived).toEqual(Array.from({ length: parts }, (_, index) => index + 1));
}

/** Ends a run when everything was read and has arrived. */
async function stopBeforeCompleting(rig: Rig): Promise<void> {
  rig.service.faults.complete.push(answered(500));
  const uploading = rig.uploadSequence({ retryBudgetMs: 0 });
  await expect(uploading).rejects.toMatchObject({ code: "NO_PROGRESS" });
}

function nothingIsOpen(rig: Rig): void {
  expect([...rig.open]).toEqual([]);
  expect(rig.clock.waiting).toBe(0);
}

test.each([1, partBytes, 2 * partBytes, bytes.length])(
  "a sequential source of %i bytes goes up whole, each part once",
  async (sizeBytes) => {
    const rig = new Rig(bytes.subarray(0, sizeBytes));
    const result = await rig.uploadSequence();
    expect(sha256Of(theImage(rig).bytes)).toBe(result.sha256);
    expect(result).toMatchObject({ sizeBytes, sentBytes: sizeBytes, resumed: false });
    expect(rig.service.arrived).toHaveLength(Math.ceil(sizeBytes / partBytes));
    nothingIsOpen(rig);
  },
);

test("an interrupted upload is read again from the start, and only parts without a receipt are sent", async () => {
  const rig = new Rig(bytes);
  await stopAfter(rig, 2);
  const result = await rig.uploadSequence();
  expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3, 4]);
  expect(sha256Of(theImage(rig).bytes)).toBe(sha256Of(bytes));
  expect(result).toMatchObject({ sizeBytes: bytes.length, resumed: true });
  expect(result.sentBytes).toBe(bytes.length - 2 * partBytes);
  expect(rig.sequence.readings.at(-1)).toBe(bytes.length);
  nothingIsOpen(rig);
});

test("every part has a receipt: nothing is sent, and the image is completed", async () => {
  const rig = new Rig(bytes.subarray(0, 2 * partBytes + 1));
  await stopBeforeCompleting(rig);
  const result = await rig.uploadSequence();
  expect(result.sentBytes).toBe(0);
  expect(rig.service.arrived).toHaveLength(3);
});

test("the size is unknown in the list of unfinished uploads until the source was read to its end", async () => {
  const rig = new Rig(bytes);
  await stopAfter(rig, 2);
  const [stored] = await rig.journals.list();
  expect(describeJournal(stored!)).toMatchObject({
    format: "xz",
    sizeBytes: 0,
    partsTotal: 0,
    partsDone: 2,
    doneBytes: 2 * partBytes,
  });
  await stopBeforeCompleting(rig);
  const [later] = await rig.journals.list();
  expect(describeJournal(later!)).toMatchObject({
    sizeBytes: bytes.length,
    partsTotal: 4,
    doneBytes: bytes.length,
  });
});

test("progress begins with the bytes of earlier runs, and tells the size once it is known", async () => {
  const rig = new Rig(bytes);
  await stopAfter(rig, 2);
  const told: TransferProgress[] = [];
  await rig.uploadSequence({ onProgress: (progress) => void told.push({ ...progress }) });
  const moving = told.filter(({ phase }) => phase === "moving");
  expect(moving[0]).toMatchObject({ sizeBytes: 0, doneBytes: 2 * partBytes, partsDone: 2 });
  for (const { doneBytes, sizeBytes } of told) {
    if (sizeBytes > 0) expect(doneBytes).toBeLessThanOrEqual(sizeBytes);
  }
  expect(told.at(-1)).toMatchObject({ sizeBytes: bytes.length, doneBytes: bytes.length });
});

// fault D26
test.each([
  ["with the same metadata", false],
  ["with other metadata", true],
])(
  "a byte of a part that was sent is another one, %s: SourceChangedError, never complete",
  async (_, touched) => {
    const rig = new Rig(bytes);
    await stopAfter(rig, 2);
    rig.sequence.bytes = bytes.slice();
    rig.sequence.bytes[partBytes + 7]! ^= 1;
    if (touched) rig.sequence.identity = { mtime: "2" };
    await expect(rig.uploadSequence()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    expect(rig.service.calls).not.toContain("complete");
    nothingIsOpen(rig);
  },
);

test("another file is found before any part of it is sent", async () => {
  const rig = new Rig(bytes);
  await stopAfter(rig, 1);
  rig.sequence.bytes = seededBytes(bytes.length, 9);
  rig.sequence.identity = { mtime: "2" };
  await expect(rig.uploadSequence()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  expect(rig.service.arrived).toEqual([1]);
  nothingIsOpen(rig);
});

test("a touched file with the same bytes is resumed", async () => {
  const rig = new Rig(bytes);
  await stopAfter(rig, 2);
  rig.sequence.identity = { mtime: "2" };
  const result = await rig.uploadSequence();
  expect(result).toMatchObject({ resumed: true, sha256: sha256Of(bytes) });
  expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3, 4]);
});

test.each([
  ["ends before a part that was sent", bytes.subarray(0, partBytes)],
  ["ends in the middle of a part that was sent", bytes.subarray(0, partBytes + 9)],
])("a source that %s: SourceChangedError, never complete", async (_, now) => {
  const rig = new Rig(bytes);
  await stopAfter(rig, 2);
  rig.sequence.bytes = now;
  await expect(rig.uploadSequence()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  expect(rig.service.calls).not.toContain("complete");
  nothingIsOpen(rig);
});

test("a size that an earlier run has found is told from the start", async () => {
  const rig = new Rig(bytes.subarray(0, partBytes + 1));
  // Both parts are read ahead; the second arrives, the first does not.
  rig.service.faults.put.push(async (request, answer, part) => {
    await rig.clock.wait(1_000, request.signal);
    return refused(request, answer, part);
  });
  await expect(rig.uploadSequence()).rejects.toMatchObject({ code: "PART_REFUSED" });
  expect(rig.service.arrived).toEqual([2]);
  const told: TransferProgress[] = [];
  const result = await rig.uploadSequence({ onProgress: (one) => void told.push({ ...one }) });
  expect(result).toMatchObject({ sizeBytes: partBytes + 1, sentBytes: partBytes });
  const moving = told.find(({ phase }) => phase === "moving");
  expect(moving).toMatchObject({ sizeBytes: partBytes + 1, doneBytes: 1, partsTotal: 2 });
});

test.each([
  ["longer", seededBytes(bytes.length + partBytes)],
  ["shorter", bytes.subarray(0, bytes.length - 1)],
  ["shorter by a part", bytes.subarray(0, 2 * partBytes)],
])("a source that is %s than it was when its end was read: SourceChangedError", async (_, now) => {
  const rig = new Rig(bytes);
  await stopBeforeCompleting(rig);
  rig.sequence.bytes = now;
  rig.sequence.identity = { mtime: "2" };
  await expect(rig.uploadSequence()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});

test("the same call after completion sends and reads nothing", async () => {
  const rig = new Rig(bytes);
  const first = await rig.uploadSequence();
  const again = await rig.uploadSequence();
  expect(again).toMatchObject({ sha256: first.sha256, sizeBytes: bytes.length, sentBytes: 0 });
  expect(rig.sequence.readings).toEqual([bytes.length]);
});

test("a touched file after completion is read once, and is the same upload", async () => {
  const rig = new Rig(bytes);
  await rig.uploadSequence();
  rig.sequence.identity = { mtime: "2" };
  const again = await rig.uploadSequence();
  expect(again).toMatchObject({ sizeBytes: bytes.length, sentBytes: 0 });
  expect(rig.sequence.readings).toEqual([bytes.length, bytes.length]);
  nothingIsOpen(rig);
});

test("an image of the same bytes that is complete is accepted with ifNameTaken verify", async () => {
  const rig = new Rig(bytes);
  await rig.upload();
  // Another machine knows nothing of it.
  const [{ key } = { key: null }] = await rig.journals.list();
  await forgetJournal(rig.journals, key!, { force: false });
  const result = await rig.uploadSequence({ ifNameTaken: "verify" });
  expect(result).toMatchObject({ sizeBytes: bytes.length, sentBytes: 0, sha256: sha256Of(bytes) });
  nothingIsOpen(rig);
});

test("metadata that change while it is sent mean one more reading", async () => {
  const rig = new Rig(bytes);
  rig.sequence.changed = true;
  rig.sequence.reopen = async () => {
    rig.sequence.changed = false;
    rig.sequence.identity = { mtime: "2" };
  };
  const result = await rig.uploadSequence();
  expect(result.sha256).toBe(sha256Of(bytes));
  expect(rig.sequence.readings).toEqual([bytes.length, bytes.length]);
  nothingIsOpen(rig);
});

test("an upload that is begun again sends every part of what is there now", async () => {
  const rig = new Rig(bytes);
  await stopAfter(rig, 2);
  const now = seededBytes(2 * partBytes, 9);
  rig.sequence.bytes = now;
  rig.sequence.identity = { mtime: "2" };
  const result = await rig.uploadSequence({ ifSourceChanged: "restart" });
  expect(result).toMatchObject({ sizeBytes: now.length, sha256: sha256Of(now) });
});

test.each([0, 1, 3])(
  "an abort after %i parts ends within a second, and the next call resumes",
  async (parts) => {
    const rig = new Rig(bytes);
    const stop = new AbortController();
    for (let part = 0; part < parts; part++) rig.service.faults.put.push((_, answer) => answer());
    rig.service.faults.put.push((request) => {
      stop.abort(new Error("enough"));
      return new Promise((_, reject) => reject(request.signal.reason as Error));
    });
    await expect(rig.uploadSequence({ lanes: 1, signal: stop.signal })).rejects.toThrow("enough");
    nothingIsOpen(rig);
    const result = await rig.uploadSequence();
    expect(result.sha256).toBe(sha256Of(bytes));
    expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3, 4]);
  },
);
