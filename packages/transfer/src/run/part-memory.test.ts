import { expect, test } from "vitest";
import { PartMemory } from "./part-memory.js";

type Answer = Uint8Array | { readonly error: unknown };

function memoryOf(mostBytes: number): { memory: PartMemory; allocated: number[] } {
  const allocated: number[] = [];
  const allocate = (bytes: number): Uint8Array => {
    if (bytes === 13) throw new RangeError("out of memory");
    allocated.push(bytes);
    return new Uint8Array(bytes);
  };
  return { memory: new PartMemory(allocate, mostBytes), allocated };
}

/** Asks for a buffer; the answer is there when the array has one. */
function ask(memory: PartMemory, lengthBytes: number): { got: Answer[]; cancel: () => void } {
  const got: Answer[] = [];
  return { got, cancel: memory.ask({ lengthBytes, settle: (answer) => got.push(answer) }) };
}

test("buffers that came back are used again, the shortest that is long enough", () => {
  const { memory, allocated } = memoryOf(100);
  const [long, short] = [ask(memory, 30), ask(memory, 20)].map(({ got }) => got[0] as Uint8Array);
  memory.giveBack(long!);
  memory.giveBack(short!);

  expect(ask(memory, 15).got).toEqual([short]);
  expect(ask(memory, 15).got).toEqual([long]);

  expect(allocated).toEqual([30, 20]);
});

test("free buffers make room for one that is longer, and the budget is kept", () => {
  const { memory, allocated } = memoryOf(50);
  for (const { got } of [ask(memory, 20), ask(memory, 20)]) memory.giveBack(got[0] as Uint8Array);

  expect(ask(memory, 45).got).toHaveLength(1);

  expect([allocated, memory.heldBytes]).toEqual([[20, 20, 45], 45]);
});

test("requests are granted in their order: a short one does not overtake a long one", () => {
  const { memory } = memoryOf(50);
  const first = ask(memory, 30).got[0] as Uint8Array;
  const long = ask(memory, 40);
  const short = ask(memory, 10);
  expect([long.got, short.got]).toEqual([[], []]);

  memory.giveBack(first);

  expect([long.got.length, short.got.length]).toEqual([1, 1]);
});

test("a request that is cancelled lets those behind it pass, and gets nothing", () => {
  const { memory } = memoryOf(50);
  ask(memory, 30);
  const long = ask(memory, 40);
  const short = ask(memory, 10);

  long.cancel();

  expect([long.got.length, short.got.length]).toEqual([0, 1]);
});

test("a budget under one part is one buffer", () => {
  const { memory } = memoryOf(5);

  const first = ask(memory, 10);
  const second = ask(memory, 10);
  expect([first.got.length, second.got.length]).toEqual([1, 0]);
  memory.giveBack(first.got[0] as Uint8Array);

  expect(second.got).toEqual(first.got);
});

test("an allocation that fails is told to the one that asked, and holds up no other", () => {
  const { memory } = memoryOf(50);

  expect(ask(memory, 13).got).toEqual([{ error: new RangeError("out of memory") }]);

  expect([ask(memory, 10).got.length, memory.heldBytes]).toEqual([1, 10]);
});

test("what is discarded or cleared counts no more", () => {
  const { memory, allocated } = memoryOf(50);
  const [one, two] = [ask(memory, 20), ask(memory, 20)].map(({ got }) => got[0] as Uint8Array);
  memory.discard(one!);
  expect(memory.heldBytes).toBe(20);
  memory.giveBack(two!);

  memory.clear();

  expect(memory.heldBytes).toBe(0);
  ask(memory, 20);
  expect(allocated).toHaveLength(3);
});
