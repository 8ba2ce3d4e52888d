import { SfcCore } from "@img/core/core.js";
import { beforeEach, expect, test } from "vitest";
import { resolveUploadOptions } from "../options.js";
import type { Platform } from "../ports.js";
import { startRun, type Run } from "./run.js";
import { ManualClock, turn } from "../testing/manual-clock.js";
import { Lanes, type Lane, type MoveNext } from "./lanes.js";

let run: Run;
let open: number;
let failing: unknown;
let running: Promise<void>[];

beforeEach(() => {
  open = 0;
  failing = null;
  running = [];
  const openTransport = (): object => {
    open++;
    const close = async (): Promise<void> => {
      open--;
    };
    return { close };
  };
  const platform = { clock: new ManualClock(), openTransport } as unknown as Platform;
  run = startRun(platform, resolveUploadOptions({ lanes: 3 }, new SfcCore()));
});

const spawn = (task: () => Promise<void>): void => {
  running.push(task().catch((error: unknown) => void (failing = error)));
};

/** Parts that each end when the test says so. */
function held(): {
  moveNext: MoveNext;
  lanes: Set<Lane>;
  endOne: (more: boolean) => Promise<void>;
} {
  const lanes = new Set<Lane>();
  const waiting: ((more: boolean) => void)[] = [];
  const moveNext: MoveNext = (lane) => {
    lanes.add(lane);
    return new Promise((resolve) => waiting.push(resolve));
  };
  const endOne = async (more: boolean): Promise<void> => {
    waiting.shift()!(more);
    await turn();
  };
  return { moveNext, lanes, endOne };
}

test("there are as many as the pace says, each with a connection and a meter of its own", () => {
  const { moveNext, lanes } = held();

  new Lanes(run, spawn, moveNext);

  expect(lanes.size).toBe(3);
  expect([open, run.meter.lanes.size]).toEqual([3, 3]);
});

test("once the pace says fewer, those beyond end after the part that they are at", async () => {
  const { moveNext, endOne } = held();
  const lanes = new Lanes(run, spawn, moveNext);
  run.pace.limit(1);
  lanes.adjust();
  expect(open).toBe(3);

  for (const more of [true, true, true]) await endOne(more);

  expect([open, run.meter.lanes.size]).toEqual([1, 1]);
});

test("once the pace says more, they are started", async () => {
  let wanted = 1;
  Object.defineProperty(run.pace, "lanes", { get: () => wanted });
  const { moveNext, endOne } = held();
  const lanes = new Lanes(run, spawn, moveNext);

  for (const [want, runs] of [
    [3, 3],
    [2, 3],
    [4, 4],
  ] as const) {
    wanted = want;
    lanes.adjust();
    expect(open).toBe(runs);
  }

  wanted = 2;
  for (let n = 0; n < 4; n++) await endOne(true);
  expect(open).toBe(2);
  wanted = 4;
  lanes.adjust();
  expect(open).toBe(4);
});

test("when nothing is left all end, and none is started any more", async () => {
  const { moveNext, endOne } = held();
  const lanes = new Lanes(run, spawn, moveNext);
  for (const more of [false, true, true]) await endOne(more);

  lanes.adjust();
  await Promise.all(running);

  expect([open, running.length]).toEqual([0, 3]);
});

test("one that fails tells, and closes its connection", async () => {
  const thrown = new Error("refused");

  new Lanes(run, spawn, () => Promise.reject(thrown));
  await Promise.all(running);

  expect(failing).toBe(thrown);
  expect([open, run.meter.lanes.size]).toEqual([0, 0]);
});
