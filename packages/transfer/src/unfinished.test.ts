import { crc32 } from "node:zlib";
import { HTTPClient } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { expect, test } from "vitest";
import { MemoryJournals } from "./contracts/memory-journals.js";
import { openJournal } from "./journal/journal.js";
import type { JournalRecord } from "./journal/record.js";
import type { JournalKey, Platform, StoredJournal } from "./ports.js";
import { FakeService, server } from "./testing/fake-service.js";
import { ManualClock } from "./testing/manual-clock.js";
import { beginDownload, beginUpload } from "./testing/sample-journals.js";
import {
  describeJournal,
  forgetTransfer,
  isStale,
  staleAfterSec,
  type UnfinishedTransfer,
} from "./unfinished.js";

const key: JournalKey = { kind: "upload", server, workspace: null, name: "disk" };
const download: JournalKey = { ...key, kind: "download" };
const begin = { ...beginUpload, name: "disk", sizeBytes: 25, beganAtSec: 1_000 } as const;
const intent: JournalRecord = { type: "intent", sinceSec: 3, timeoutMs: 60_000 };
const started: JournalRecord = { type: "started", imageId: "image_1", adopted: false };
const receipt = (part: number): JournalRecord => ({ type: "receipt", part, crc32: 1, etag: "e" });
const completing: JournalRecord = { type: "completing", sha256: "a1".repeat(32) };
const stopped: JournalRecord = { type: "stopped", code: "NO_PROGRESS", atSec: 2_000 };

async function storeWith(...records: JournalRecord[]): Promise<MemoryJournals> {
  return storeOf(key, [begin, ...records]);
}

async function storeOf(of: JournalKey, records: readonly JournalRecord[]): Promise<MemoryJournals> {
  const journals = new MemoryJournals();
  const journal = await openJournal(journals, of, { force: false });
  for (const record of records) {
    await (record.type === "begin" ? journal.begin(record) : journal.append(record));
  }
  await journal.close();
  return journals;
}

async function stored(...records: JournalRecord[]): Promise<StoredJournal> {
  return (await (await storeWith(...records)).list())[0]!;
}

async function told(of: JournalKey, ...records: JournalRecord[]): Promise<UnfinishedTransfer> {
  return describeJournal((await (await storeOf(of, records)).list())[0]!);
}

test("an upload that has only begun is told with its file and size, without an image", async () => {
  expect(describeJournal(await stored())).toEqual({
    key,
    needsUrl: false,
    at: "begun",
    file: "/disk.img",
    format: "raw",
    imageId: null,
    sizeBytes: 25,
    doneBytes: 0,
    partsDone: 0,
    partsTotal: 3,
    beganAtSec: 1_000,
    lastActiveAtSec: 1_000,
    stopped: null,
    holder: null,
    damage: null,
  });
});

test("parts with a receipt are counted, the shorter last one by its own length", async () => {
  const told = describeJournal(await stored(intent, started, receipt(1), receipt(3), receipt(3)));
  expect(told).toMatchObject({ imageId: "image_1", partsDone: 2, doneBytes: 15, partsTotal: 3 });
});

test("why and when the last run ended is told, and a later run's beginning does not hide it", async () => {
  const told = describeJournal(await stored(intent, started, stopped, receipt(1)));
  expect(told.stopped).toEqual({ code: "NO_PROGRESS", atSec: 2_000 });
  expect(told.lastActiveAtSec).toBe(2_000);
});

test("the file is the one that was named last", async () => {
  const about = { identity: { ino: "2" }, from: "/moved.img", format: "raw" };
  const moved: JournalRecord = { type: "source", ...about };
  expect(describeJournal(await stored(moved)).file).toBe("/moved.img");
});

test("until the size is known, no part is the last one", async () => {
  const receipts = [receipt(1), receipt(2)];
  const history = [{ ...begin, sizeBytes: null }, intent, started, ...receipts];
  const counted = { partsDone: 2, doneBytes: 20, sizeBytes: 0, partsTotal: 0 };
  expect(await told(key, ...history)).toMatchObject({ at: "started", ...counted });
  const whole = { partsDone: 2, doneBytes: 15, sizeBytes: 15, partsTotal: 2 };
  const size: JournalRecord = { type: "size", sizeBytes: 15 };
  expect(await told(key, ...history, size)).toMatchObject({ at: "started", ...whole });
});

test("a completed upload whose journal is still there has all of its bytes", async () => {
  const all = [
    receipt(1),
    receipt(2),
    receipt(3),
    completing,
    { type: "completed", atSec: 2_500 } as const,
  ];
  const told = describeJournal(await stored(intent, started, ...all));
  expect(told).toMatchObject({ at: "completed", partsDone: 3, doneBytes: 25 });
});

test("a download whose part file was moved is told with where it is now", async () => {
  const moved: JournalRecord = { type: "sink", identity: "3:4", to: "/moved.img" };
  expect((await told(download, { ...beginDownload, to: "/copy.img" }, moved)).file).toBe(
    "/moved.img",
  );
});

test("a download is told with its target, its image and what has arrived", async () => {
  const arrived: JournalRecord = { type: "receipt", part: 2, crc32: 1, etag: null };
  const history = [{ ...beginDownload, sizeBytes: 25, to: "/copy.img" }, arrived];
  expect(await told(download, ...history)).toMatchObject({
    at: "downloading",
    file: "/copy.img",
    imageId: "image_1",
    doneBytes: 10,
  });
});

test("an empty journal is a transfer of which nothing is known", () => {
  const told = describeJournal({ key, contents: new Uint8Array(), holder: null });
  expect(told).toMatchObject({ at: "nothing", file: null, sizeBytes: 0, damage: null });
  expect(told).toMatchObject({ beganAtSec: null, lastActiveAtSec: null, stopped: null });
});

test("a damaged journal is told of, with its key, its holder and what is wrong", () => {
  const holder = { pid: 7, host: "here", sinceSec: 5 };
  const contents = new TextEncoder().encode("garbage\n");
  const told = describeJournal({ key, contents, holder, writtenAtSec: 9 });
  expect(told).toMatchObject({ key, holder, file: null, lastActiveAtSec: 9 });
  expect(told.damage).toContain("damaged");
});

test("when it was last written to counts as activity, also where nothing was written of it", async () => {
  const told = describeJournal({
    ...(await stored(intent, started, stopped)),
    writtenAtSec: 3_000,
  });
  expect(told.lastActiveAtSec).toBe(3_000);
});

test("a transfer is stale once it was not heard of for more than seven days", () => {
  const idle = { holder: null, lastActiveAtSec: 1_000 };
  expect(staleAfterSec).toBe(604_800);
  expect(isStale(idle, 1_000 + staleAfterSec)).toBe(false);
  expect(isStale(idle, 1_001 + staleAfterSec)).toBe(true);
});

test("a transfer that somebody works on, or of which no time is known, is not stale", () => {
  const holder = { pid: 7, host: "here", sinceSec: 5 };
  expect(isStale({ holder, lastActiveAtSec: 0 }, 10 * staleAfterSec)).toBe(false);
  expect(isStale({ holder: null, lastActiveAtSec: null }, 10 * staleAfterSec)).toBe(false);
});

/** What forgetting needs: a service, and the ports that it uses. */
function forgetting(journals: MemoryJournals) {
  const clock = new ManualClock();
  const service = new FakeService(clock);
  const httpClient = new HTTPClient({ fetcher: service.fetch });
  const client = new SfcCore({ serverURL: server, bearerAuth: service.token, httpClient });
  const unused = (): never => {
    throw new Error("not for forgetting");
  };
  const platform: Platform = {
    journals,
    openTransport: unused,
    openDigest: unused,
    allocate: unused,
    busyMs: () => [],
    expectManyListeners: () => undefined,
    mostPartBytes: Infinity,
    crc32: (bytes) => crc32(bytes),
    clock,
  };
  const forget = (image: { client: SfcCore } | null, force?: boolean) =>
    clock.runUntil(forgetTransfer(platform, key, { force }, image));
  return { service, client, forget };
}

test("forgetting deletes the journal and asks nothing of the service", async () => {
  const journals = await storeWith(intent, started);
  const { service, forget } = forgetting(journals);
  service.add("disk", "uploading");
  await forget(null);
  expect(await journals.list()).toEqual([]);
  expect(service.calls).toEqual([]);
});

test("the unfinished image is deleted if that is asked for", async () => {
  for (const records of [
    [intent, started],
    [intent, started, receipt(1), receipt(2), receipt(3), completing],
  ]) {
    const journals = await storeWith(...records);
    const { service, client, forget } = forgetting(journals);
    service.add("disk", "uploading");
    await forget({ client });
    expect(service.images.size).toBe(0);
    expect(await journals.list()).toEqual([]);
  }
});

test("a completed image is never deleted, whatever the journal says", async () => {
  const journals = await storeWith(intent, started, receipt(1));
  const { service, client, forget } = forgetting(journals);
  service.add("disk", "completed", new Uint8Array([1]));
  await forget({ client });
  expect(service.images.size).toBe(1);
  expect(service.calls).toEqual(["get"]);
  expect(await journals.list()).toEqual([]);
});

test("an image that is gone already is no obstacle", async () => {
  const journals = await storeWith(intent, started);
  const { service, client, forget } = forgetting(journals);
  await forget({ client });
  expect(service.calls).toEqual(["get"]);
  expect(await journals.list()).toEqual([]);
});

test("where no image was begun, the service is not asked", async () => {
  for (const records of [[], [intent]]) {
    const journals = await storeWith(...records);
    const { service, client, forget } = forgetting(journals);
    service.add("disk", "uploading");
    await forget({ client });
    expect(service.calls).toEqual([]);
    expect(await journals.list()).toEqual([]);
  }
});

test("if the image cannot be deleted, the journal is kept and can be opened", async () => {
  const journals = await storeWith(intent, started);
  const { service, client, forget } = forgetting(journals);
  service.add("disk", "uploading");
  service.token = "another";
  await expect(forget({ client })).rejects.toMatchObject({ code: "NOT_AUTHORIZED" });
  expect((await journals.list()).map(({ holder }) => holder)).toEqual([null]);
});

test("a transfer that somebody works on is not forgotten, unless by force", async () => {
  const journals = await storeWith(intent, started);
  const held = await openJournal(journals, key, { force: false });
  const { service, client, forget } = forgetting(journals);
  service.add("disk", "uploading");
  await expect(forget(null)).rejects.toMatchObject({ code: "TRANSFER_LOCKED" });
  await expect(forget({ client })).rejects.toMatchObject({ code: "TRANSFER_LOCKED" });
  expect(service.images.size).toBe(1);
  await forget({ client }, true);
  expect(service.images.size).toBe(0);
  expect(await journals.list()).toEqual([]);
  await held.close();
});
