import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { ManualClock, turn } from "../testing/manual-clock.js";
import { Budgets } from "./budgets.js";
import type { Demand, Share } from "./share.js";

const { signal } = new AbortController();
let clock: ManualClock;
let budgets: Budgets;

beforeEach(() => {
  clock = new ManualClock();
  budgets = budgetsOf({ lanes: 4 });
});

const budgetsOf = (options: ConstructorParameters<typeof Budgets>[1]): Budgets =>
  new Budgets({ clock, allocate: (bytes) => new Uint8Array(bytes) }, options);

/** A transfer that runs until it is told to end. */
class Running {
  share: Share | null = null;
  readonly ended: Promise<unknown>;
  end!: (error?: Error) => void;

  constructor(ownSignal: AbortSignal = new AbortController().signal) {
    const over = new Promise<void>((resolve, reject) => {
      this.end = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.ended = budgets
      .run(ownSignal, (share) => {
        this.share = share;
        return over;
      })
      .catch((error: unknown) => error);
  }

  tell(phase: Demand["phase"], partsLeft = 0): this {
    this.share!.changed({ phase, partsLeft });
    return this;
  }
}

const run = (count: number): Running[] => Array.from({ length: count }, () => new Running());
const begun = (all: readonly Running[]): number => all.filter(({ share }) => share !== null).length;

describe("transfers begin in the order of the calls", () => {
  test("so many that images are created while others move", async () => {
    const all = run(20);
    await turn();
    expect(begun(all)).toBe(8);

    for (const one of all.slice(0, 8)) one.tell("moving", 1);
    await turn();

    expect(begun(all)).toBe(15); // from the eighth on, there are two parts for each lane
    for (const one of all.slice(0, 4)) one.tell("finishing");
    await turn();
    expect(all.map(({ share }) => share !== null)).toEqual(all.map((_, index) => index < 16));
  });

  test("behind one that has much left, two others still run", async () => {
    const all = run(1);
    await turn();
    all[0]!.tell("moving", 10_000);
    all.push(...run(10));
    await turn();
    expect(begun(all)).toBe(3);

    all[1]!.end();
    await turn();

    expect(all.map(({ share }) => share !== null).slice(0, 5)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  test("one that fails makes room, and stops no other", async () => {
    const all = run(1);
    await turn();
    all[0]!.tell("moving", 10_000);
    all.push(...run(4));
    await turn();

    all[1]!.end(new Error("failed"));

    expect(await all[1]!.ended).toMatchObject({ message: "failed" });
    await turn();
    expect(begun(all)).toBe(4);
  });

  test("one that is aborted while it waits never begins", async () => {
    const all = run(8);
    const stop = new AbortController();
    const stopped = new Running(stop.signal);
    const next = new Running();
    await turn();

    stop.abort(new Error("stopped"));

    expect(await stopped.ended).toMatchObject({ message: "stopped" });
    all[0]!.end();
    await turn();
    expect([begun([stopped]), begun([next])]).toEqual([0, 1]);
  });
});

test("all transfers together have no more turns than lanes", async () => {
  const [one, two] = run(2);
  await turn();
  const ends: (() => void)[] = [];
  for (const { share } of [one!, one!, one!, two!, two!, two!]) {
    void share!.takeTurn(signal).then((end) => ends.push(end));
  }
  await turn();
  expect(ends).toHaveLength(4);

  for (const end of ends.slice(0, 2)) end();
  await turn();

  expect(ends).toHaveLength(6);
});

test("all transfers together keep one rate", async () => {
  budgets = budgetsOf({ maxBytesPerSecond: 1000 * 1024 });
  const shares = run(4);
  await turn();
  let granted = 0;
  const stop = new AbortController();
  async function takeAll({ rateLimit }: Share): Promise<void> {
    while (!stop.signal.aborted) {
      const bytes = await rateLimit.take(MiB, stop.signal);
      granted += bytes;
    }
  }
  const taking = shares.map(({ share }) => takeAll(share!).catch(() => undefined));

  for (let ms = 0; ms < 10_000; ms += 10) await clock.advance(10);
  stop.abort();
  await Promise.all(taking);

  const most = 10 * 1000 * 1024;
  expect(granted).toBeGreaterThan(most * 0.95);
  expect(granted).toBeLessThan(most * 1.05);
});

test("memory is freed when no transfer is left, and kept for the next while one is", async () => {
  const [one, two] = run(2);
  await turn();
  const { memory } = one!.share!;
  let buffer: unknown;
  memory.ask({ lengthBytes: 100, settle: (answer) => (buffer = answer) });
  memory.giveBack(buffer as Uint8Array);
  one!.end();
  await turn();
  expect(memory.heldBytes).toBe(100);

  two!.end();
  await turn();

  expect(memory.heldBytes).toBe(0);
});

test("one of all deletes old journals", async () => {
  const all = run(3);
  await turn();

  expect(all.map(({ share }) => share!.mayPrune())).toEqual([true, false, false]);
});

test.each([
  ["lanes", { lanes: 33 }],
  ["memoryBytes", { memoryBytes: 0 }],
  ["maxBytesPerSecond", { maxBytesPerSecond: 1 }],
])("%s out of range is refused", (option, options) => {
  expect(() => budgetsOf(options)).toThrow(option);
});
