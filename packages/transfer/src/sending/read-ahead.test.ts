import { setMaxListeners } from "node:events";
import { beforeEach, describe, expect, test } from "vitest";
import { planParts } from "../plan.js";
import type { Source } from "../ports.js";
import { turn } from "../testing/manual-clock.js";
import { MemorySource, seededBytes } from "../testing/memory-ports.js";
import { Buffers, type Loan } from "../run/buffers.js";
import { PartMemory } from "../run/part-memory.js";
import { ReadAhead } from "./read-ahead.js";
import { SourceReader } from "./source-reader.js";

const bytes = seededBytes(45);
const parts = planParts(45, 10);
let stop: AbortController;
let buffers: Buffers;
let ready: ReadAhead;
let read: number[];
/** Whether the digest has filled a part. */
let readsItself: (loan: Loan) => Promise<boolean>;

beforeEach(() => {
  stop = new AbortController();
  setMaxListeners(0, stop.signal); // as `Platform.expectManyListeners` does
  buffers = new Buffers(new PartMemory((n) => new Uint8Array(n), 40), 10);
  ready = new ReadAhead();
  read = [];
  readsItself = async () => false;
});

function run(ahead: () => number, source: Source = new MemorySource(bytes)): Promise<void> {
  const reader = new SourceReader(parts, source, buffers, { read: readsItself });
  const onRead = ({ part }: Loan): boolean => read.push(part.number) > 0;
  return ready.run(reader, ahead, onRead, stop.signal);
}

test("parts come in order, with their bytes, and then nothing", async () => {
  const running = run(() => 2);
  const taken: Uint8Array[] = [];
  for (let loan = await ready.take(stop.signal); loan; loan = await ready.take(stop.signal)) {
    taken.push(loan.bytes.slice());
    loan.release();
  }
  await running;

  expect(Buffer.concat(taken)).toEqual(Buffer.from(bytes));
  expect(await ready.take(stop.signal)).toBeNull();
  expect(buffers.lent).toBe(0);
});

test("a part that the digest has read is not read from the source", async () => {
  readsItself = async (loan) => {
    loan.bytes.fill(loan.part.number);
    return loan.part.number === 1;
  };
  void run(() => 2).catch(() => undefined);

  expect((await ready.take(stop.signal))?.bytes).toEqual(new Uint8Array(10).fill(1));
  expect((await ready.take(stop.signal))?.bytes).toEqual(bytes.subarray(10, 20));
  stop.abort();
});

test("no more is read ahead than was asked for", async () => {
  void run(() => 2).catch(() => undefined);
  await turn();
  expect(read).toEqual([1, 2]);

  await ready.take(stop.signal);
  await turn();

  expect(read).toEqual([1, 2, 3]);
  stop.abort();
});

test("while all buffers are out nothing is read", async () => {
  buffers.setLimit(1);
  void run(() => 9).catch(() => undefined);
  const first = await ready.take(stop.signal);
  await turn();
  expect(read).toEqual([1]);

  first!.release();
  await turn();

  expect(read).toEqual([1, 2]);
  stop.abort();
});

test("lanes that wait each get a part of their own", async () => {
  const takes = [1, 2, 3].map(() => ready.take(stop.signal));
  void run(() => 1).catch(() => undefined);

  const loans = await Promise.all(takes);

  expect(loans.map((loan) => loan!.part.number)).toEqual([1, 2, 3]);
  stop.abort();
});

test("lanes that wait at the end are told that nothing is left", async () => {
  const takes = parts.concat(parts).map(async () => {
    const loan = await ready.take(stop.signal);
    loan?.release();
    return loan;
  });
  await run(() => 1);

  const taken = await Promise.all(takes);

  expect(taken.filter((loan) => loan !== null)).toHaveLength(parts.length);
});

describe("an end before all was read", () => {
  test("by the signal gives back what no lane took", async () => {
    const running = run(() => 2);
    await turn();

    stop.abort("enough");

    await expect(running).rejects.toBe("enough");
    await expect(ready.take(stop.signal)).rejects.toBe("enough");
    expect(buffers.lent).toBe(0);
  });

  test("by a read that fails gives back its buffer as well", async () => {
    const source = new MemorySource(bytes);
    source.read = () => Promise.reject(new Error("EIO"));

    await expect(run(() => 2, source)).rejects.toThrow("EIO");

    expect(buffers.lent).toBe(0);
    expect(read).toEqual([]);
  });
});
