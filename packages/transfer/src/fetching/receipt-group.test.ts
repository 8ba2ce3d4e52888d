import { SfcCore } from "@img/core/core.js";
import { beforeEach, describe, expect, test } from "vitest";
import type { Journal } from "../journal/journal.js";
import { resolveDownloadOptions } from "../options.js";
import { MiB, planParts } from "../plan.js";
import type { Platform } from "../ports.js";
import { startRun, type Run } from "../run/run.js";
import { ManualClock, turn } from "../testing/manual-clock.js";
import { MemorySink } from "../testing/memory-ports.js";
import { ReceiptGroup } from "./receipt-group.js";
import { SavedDigests } from "../digest/saved-digest.js";

const parts = planParts(300 * MiB, 100 * MiB);
let clock: ManualClock;
let run: Run;
let sink: MemorySink;
let stop: AbortController;
let written: string[];
let group: ReceiptGroup;

beforeEach(() => {
  clock = new ManualClock();
  run = startRun({ clock } as unknown as Platform, resolveDownloadOptions({}, new SfcCore()));
  stop = new AbortController();
  written = [];
  sink = new MemorySink();
  sink.sync = async () => void written.push("sync");
  const append = async (...records: { part: number }[]): Promise<void> =>
    void written.push(`receipts ${records.map(({ part }) => part).join(" ")}`);
  const saved = new SavedDigests(parts, new Map());
  group = new ReceiptGroup(run, sink, { append } as unknown as Journal, saved);
});

test("receipts are written once a second, and follow the data", async () => {
  void group.run(stop.signal).catch(() => undefined);
  group.add(parts[0]!, 1);
  group.add(parts[1]!, 2);
  await clock.advance(999);
  expect(written).toEqual([]);

  await clock.advance(1);

  expect(written).toEqual(["sync", "receipts 1 2"]);
  stop.abort();
});

test("256 MiB are enough for a group before the second is over", async () => {
  void group.run(stop.signal).catch(() => undefined);
  await turn();
  for (const part of parts) group.add(part, 1);
  await turn();

  expect(written).toEqual(["sync", "receipts 1 2 3"]);
  stop.abort();
});

test("a second in which nothing came writes nothing", async () => {
  void group.run(stop.signal).catch(() => undefined);

  await clock.advance(5_000);

  expect(written).toEqual([]);
  stop.abort();
});

test("what is added counts as progress, and as arrived once it has its receipt", async () => {
  await clock.advance(5_000);

  group.add(parts[0]!, 1);
  expect(run.meter.arrivedBytes).toBe(0);
  await group.flush();

  expect(run.meter.arrivedBytes).toBe(100 * MiB);
  expect(run.patience.allow(1e9, "moving", new Error())).toBe(600_000);
});

describe("it ends", () => {
  test("when nothing more comes, without a wait left", async () => {
    const running = group.run(stop.signal);
    await turn();

    group.end();
    await running;

    expect(clock.waiting).toBe(0);
  });

  test("at once when nothing was to come", async () => {
    group.end();

    await group.run(stop.signal);

    expect(written).toEqual([]);
  });

  test("with the signal, and what was written still gets its receipts when asked to", async () => {
    const running = group.run(stop.signal);
    group.add(parts[0]!, 1);
    await turn();

    stop.abort("enough");

    await expect(running).rejects.toBe("enough");
    expect(clock.waiting).toBe(0);
    await group.flush();
    await group.flush();
    expect(written).toEqual(["sync", "receipts 1"]);
  });

  test("when the data cannot be synced, and then writes no receipt", async () => {
    sink.sync = () => Promise.reject(new Error("EIO"));
    const running = group.run(stop.signal);
    group.add(parts[0]!, 1);

    await expect(clock.runUntil(running)).rejects.toThrow("EIO");

    expect(written).toEqual([]);
  });
});
