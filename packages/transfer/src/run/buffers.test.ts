import { beforeEach, describe, expect, test } from "vitest";
import { planParts } from "../plan.js";
import { turn } from "../testing/manual-clock.js";
import { buffersFor } from "./moving.js";
import { Buffers } from "./buffers.js";
import { PartMemory } from "./part-memory.js";

const parts = planParts(35, 10);
const { signal } = new AbortController();
let allocated: Uint8Array[];

beforeEach(() => {
  allocated = [];
});

const pool = (memoryBytes: number): Buffers =>
  new Buffers(
    new PartMemory((bytes) => {
      const buffer = new Uint8Array(bytes);
      allocated.push(buffer);
      return buffer;
    }, memoryBytes),
    10,
  );

test("memory is taken when it is needed, and used again", async () => {
  const buffers = pool(30);
  expect(allocated).toHaveLength(0);

  for (const part of parts) (await buffers.lend(part, signal)).release();

  expect(allocated).toHaveLength(1);
});

test("a loan has the length of its part", async () => {
  const buffers = pool(30);

  const last = await buffers.lend(parts[3]!, signal);

  expect(last.bytes).toHaveLength(5);
  expect(last.part).toBe(parts[3]);
});

test("the budget is never exceeded: a caller waits for a release", async () => {
  const buffers = pool(29);
  const [first] = [await buffers.lend(parts[0]!, signal), await buffers.lend(parts[1]!, signal)];
  let lent = false;
  const third = buffers.lend(parts[2]!, signal).then(() => (lent = true));
  await turn();
  expect([lent, buffers.exhausted, buffers.lent]).toEqual([false, true, 2]);

  first.release();
  await third;

  expect(allocated).toHaveLength(2);
});

test("one release lets one of several continue", async () => {
  const buffers = pool(10);
  const first = await buffers.lend(parts[0]!, signal);
  const got: number[] = [];
  for (const part of parts.slice(1)) {
    void buffers.lend(part, signal).then((loan) => got.push(loan.part.number));
  }

  first.release();
  await turn();

  expect(got).toEqual([2]);
});

test("a budget under one part is one buffer", () => {
  expect(pool(3).mostBuffers).toBe(1);
});

describe("as many buffers as lanes need", () => {
  test.each([
    ["one lane: one to work on, one that is ready", 1, 1, 2],
    ["four lanes", 4, 4, 6],
    ["16 lanes, and 16 that are to end and still have theirs", 16, 32, 34],
    ["16 lanes of which 4 run so far", 16, 4, 18],
  ])("%s", (_, lanes, running, buffers) => {
    expect(buffersFor(lanes, running)).toBe(buffers);
  });
});

describe("a limit", () => {
  test("holds back what the budget would allow, until it is raised", async () => {
    const buffers = pool(40);
    buffers.setLimit(1);
    await buffers.lend(parts[0]!, signal);
    let lent = false;
    const second = buffers.lend(parts[1]!, signal).then(() => (lent = true));
    await turn();
    expect(lent).toBe(false);

    buffers.setLimit(2);
    await second;
  });

  test("that is lowered waits for what is out, and takes nothing back", async () => {
    const buffers = pool(40);
    const loans = [await buffers.lend(parts[0]!, signal), await buffers.lend(parts[1]!, signal)];
    buffers.setLimit(1);
    let lent = false;
    const third = buffers.lend(parts[2]!, signal).then(() => (lent = true));

    loans[0]!.release();
    await turn();
    expect(lent).toBe(false);
    loans[1]!.release();
    await third;
  });

  test.each([
    [0, 1],
    [99, 4],
  ])("of %i is %i", async (limit, most) => {
    const buffers = pool(40);
    buffers.setLimit(limit);

    for (let n = 0; n < most; n++) await buffers.lend(parts[n]!, signal);

    expect(buffers.exhausted).toBe(true);
  });
});

describe("a loan", () => {
  test("goes back with the last of its holders", async () => {
    const buffers = pool(10);
    const loan = await buffers.lend(parts[0]!, signal);
    loan.retain();

    loan.release();
    expect(buffers.lent).toBe(1);
    loan.release();
    expect(buffers.lent).toBe(0);
  });

  test("that was given back can neither be held nor given back again", async () => {
    const loan = await pool(10).lend(parts[0]!, signal);
    loan.release();

    expect(() => loan.retain()).toThrow(/^bug: /);
    expect(() => loan.release()).toThrow(/^bug: /);
  });
});

test("waiting ends with the signal, and takes no buffer", async () => {
  const buffers = pool(10);
  const first = await buffers.lend(parts[0]!, signal);
  const stop = new AbortController();
  const waiting = buffers.lend(parts[1]!, stop.signal);

  stop.abort(new Error("stopped"));
  first.release();

  await expect(waiting).rejects.toThrow("stopped");
  await expect(buffers.lend(parts[1]!, stop.signal)).rejects.toThrow("stopped");
  expect(buffers.lent).toBe(0);
});

test("an allocation that fails is the caller's error, and counts as none", async () => {
  const buffers = new Buffers(
    new PartMemory(() => {
      throw new RangeError("out of memory");
    }, 10),
    10,
  );

  await expect(buffers.lend(parts[0]!, signal)).rejects.toThrow("out of memory");
  expect(buffers.lent).toBe(0);
});
