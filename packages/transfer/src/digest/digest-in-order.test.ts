import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { planParts, type Part } from "../plan.js";
import { sha256Of } from "../testing/fake-service.js";
import { turn } from "../testing/manual-clock.js";
import { MemoryDigest, seededBytes } from "../testing/memory-ports.js";
import { crc32 } from "../crc32.js";
import { Buffers, type Loan } from "../run/buffers.js";
import { PartMemory } from "../run/part-memory.js";
import { DigestInOrder } from "./digest-in-order.js";

const bytes = seededBytes(45);
const sha256 = sha256Of(bytes);
const parts = planParts(45, 10);
const [one, two, three, four, five] = parts as [Part, Part, Part, Part, Part];

let file: Uint8Array;
let fromFile: number[];
let stop: AbortController;
let buffers: Buffers;
let digest: MemoryDigest;
let inOrder: DigestInOrder;

beforeEach(() => setUp());

function setUp(mayKeep = 0): void {
  file = bytes.slice();
  fromFile = [];
  stop = new AbortController();
  buffers = new Buffers(new PartMemory((n) => new Uint8Array(n), 500), 10);
  digest = new MemoryDigest(() => file);
  const updateFromFile = digest.updateFromFile.bind(digest);
  digest.updateFromFile = (offset, lengthBytes) => {
    fromFile.push(offset / 10 + 1);
    return updateFromFile(offset, lengthBytes);
  };
  const onChanged = (part: Part): never => {
    throw new Error(`part ${part.number} changed`);
  };
  inOrder = new DigestInOrder(digest, parts, {
    isStored: true,
    mayKeep: () => mayKeep,
    onSaved: () => undefined,
    onChanged,
  });
}

const contents = (part: Part): Uint8Array =>
  bytes.subarray(part.offset, part.offset + part.lengthBytes);

/** A part's bytes come into memory. */
async function offer(part: Part): Promise<Loan> {
  const loan = await buffers.lend(part, stop.signal);
  loan.bytes.set(contents(part));
  inOrder.offer(loan);
  return loan;
}

/** Its lane is through with it; the buffer is used for something else afterwards. */
async function moved(loan: Loan): Promise<void> {
  const crc = await (inOrder.crc32Of(loan.part) ?? crc32(loan.bytes));
  inOrder.forget(loan.part);
  loan.release();
  inOrder.stored(loan.part, crc);
}

const sentBefore = (part: Part): void => inOrder.stored(part, crc32(contents(part)));

describe("the digest is right, and each part fed once", () => {
  test("in order: all of it from memory", async () => {
    const running = inOrder.run(stop.signal);
    for (const part of parts) await moved(await offer(part));

    expect(await running).toBe(sha256);
    expect(fromFile).toEqual([]);
    expect(inOrder.fedBytes).toBe(45);
    expect(buffers.lent).toBe(0);
  });

  test("lanes ahead of it: a part that has left memory is read again", async () => {
    const running = inOrder.run(stop.signal);
    await moved(await offer(two));
    await moved(await offer(one));
    for (const part of [three, four, five]) await moved(await offer(part));

    expect(await running).toBe(sha256);
    expect(fromFile).toEqual([2]);
  });

  test("lanes ahead of it: a part that is still in memory is taken from there", async () => {
    const running = inOrder.run(stop.signal);
    const second = await offer(two);
    await moved(await offer(one));
    await turn();
    await moved(second);
    for (const part of [three, four, five]) await moved(await offer(part));

    expect(await running).toBe(sha256);
    expect(fromFile).toEqual([]);
  });

  test("resumed: what was sent before is read again, the rest comes from memory", async () => {
    [one, two, four].forEach(sentBefore);
    const running = inOrder.run(stop.signal);
    await turn();
    await moved(await offer(three));
    await turn();
    await moved(await offer(five));

    expect(await running).toBe(sha256);
    expect(fromFile).toEqual([1, 2, 4]);
  });

  test("found done: all of it is read again", async () => {
    parts.forEach(sentBefore);

    expect(await inOrder.run(stop.signal)).toBe(sha256);
    expect(fromFile).toEqual([1, 2, 3, 4, 5]);
  });

  test("all was there before it began", async () => {
    for (const part of [five, four, three, two, one]) await moved(await offer(part));

    expect(await inOrder.run(stop.signal)).toBe(sha256);
    expect(fromFile).toEqual([2, 3, 4, 5]);
  });

  test("in any order in which parts come and leave", async () => {
    const orders = fc.tuple(
      fc.subarray([1, 2, 3, 4, 5]),
      fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 }),
      fc.scheduler(),
      fc.boolean(),
      fc.nat(3),
    );
    await fc.assert(
      fc.asyncProperty(orders, async ([before, order, scheduler, early, mayKeep]) => {
        setUp(mayKeep);
        for (const number of before) sentBefore(parts[number - 1]!);
        const run = (): Promise<string> => inOrder.run(stop.signal);
        let running = early ? run() : null;
        digest.beforeTaking = () => scheduler.schedule(Promise.resolve());
        const moves = order
          .filter((number) => !before.includes(number))
          .map((number) => move(parts[number - 1]!, scheduler));
        await scheduler.waitFor(turn());
        running ??= run();
        await scheduler.waitFor(Promise.all([running, ...moves]));
        expect(await running).toBe(sha256);
        expect(buffers.lent).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

async function move(part: Part, scheduler: fc.Scheduler): Promise<void> {
  await scheduler.schedule(Promise.resolve());
  const loan = await offer(part);
  await scheduler.schedule(Promise.resolve());
  await moved(loan);
}

describe("a buffer", () => {
  test("stays out while the digest has it, though its lane is through", async () => {
    let take!: () => void;
    digest.beforeTaking = () => new Promise((resolve) => (take = resolve));
    const loan = await offer(one);
    await turn();
    inOrder.forget(one);
    loan.release();
    expect(buffers.lent).toBe(1);

    take();
    await turn();

    expect(buffers.lent).toBe(0);
  });

  test("that the digest has not begun with goes back at once", async () => {
    const loan = await offer(two);

    inOrder.forget(two);
    loan.release();

    expect(buffers.lent).toBe(0);
  });

  test("goes back when the digest fails on it", async () => {
    digest.beforeTaking = () => {
      throw new Error("the thread died");
    };
    const loan = await offer(one);
    const running = inOrder.run(stop.signal);

    await expect(running).rejects.toThrow("the thread died");
    inOrder.forget(one);
    loan.release();
    await turn();

    expect(buffers.lent).toBe(0);
  });
});

describe("a part whose lane failed", () => {
  test("before its turn is not waited for in memory", async () => {
    const loan = await offer(two);
    inOrder.forget(two);
    loan.release();
    const running = inOrder.run(stop.signal);
    for (const part of [one, two, three, four, five]) await moved(await offer(part));

    expect(await running).toBe(sha256);
  });
});

describe("it ends", () => {
  test("when a part that is read again has other bytes", async () => {
    parts.forEach(sentBefore);
    file[25]! ^= 1;

    await expect(inOrder.run(stop.signal)).rejects.toThrow("part 3 changed");
  });

  test("when the digest fails while it waits for a part", async () => {
    const running = inOrder.run(stop.signal);
    digest.beforeTaking = () => {
      throw new Error("the thread died");
    };
    await offer(one);

    await expect(running).rejects.toThrow("the thread died");
  });

  test("when the digest fails on the last part", async () => {
    const running = inOrder.run(stop.signal);
    for (const part of [one, two, three, four]) await moved(await offer(part));
    digest.beforeTaking = () => Promise.reject(new Error("the thread died"));
    const last = await offer(five);

    await expect(moved(last)).rejects.toThrow("the thread died");
    await expect(running).rejects.toThrow("the thread died");
  });

  test("when reading the file fails", async () => {
    parts.forEach(sentBefore);
    digest.beforeTaking = () => Promise.reject(new Error("EIO"));

    await expect(inOrder.run(stop.signal)).rejects.toThrow("EIO");
  });

  test("with the signal, while it waits and after a read", async () => {
    const running = inOrder.run(stop.signal);
    stop.abort("enough");
    await expect(running).rejects.toBe("enough");

    sentBefore(one);
    await expect(inOrder.run(stop.signal)).rejects.toBe("enough");
  });
});

test("the CRC-32 of a part that the digest did not take is not known here", async () => {
  await offer(two);
  expect(inOrder.crc32Of(two)).toBeNull();

  const loan = await offer(one);

  expect(await inOrder.crc32Of(one)).toBe(crc32(loan.bytes));
});

test("parts that wait for their turn in memory are counted until it has come", async () => {
  setUp(2);
  const running = inOrder.run(stop.signal);
  const later = [await offer(three), await offer(two)];
  expect(inOrder.waiting).toBe(2);

  await moved(await offer(one));
  for (const loan of later) await moved(loan);
  expect(inOrder.waiting).toBe(0);

  for (const part of [four, five]) await moved(await offer(part));
  expect(await running).toBe(sha256);
});

describe("a digest that reads parts itself", () => {
  /** Resolves what it reads only when it is told to. */
  let finishReading: (isRead: boolean) => void;

  beforeEach(() => {
    digest.readInto = async (offset, into) => {
      const isRead = await new Promise<boolean>((resolve) => (finishReading = resolve));
      if (!isRead) return null;
      into.set(bytes.subarray(offset, offset + into.length));
      return digest.update(into);
    };
  });

  /** A part's memory is filled by the digest, or else by its reader. */
  async function readBy(part: Part, isRead: boolean): Promise<Loan> {
    const loan = await buffers.lend(part, stop.signal);
    const reading = inOrder.read(loan);
    finishReading(isRead);
    if (!(await reading)) loan.bytes.set(contents(part));
    inOrder.offer(loan);
    return loan;
  }

  test("takes each of them once, in order with those that it did not read", async () => {
    const running = inOrder.run(stop.signal);
    for (const part of parts) await moved(await readBy(part, part !== three));

    expect(await running).toBe(sha256);
    expect(fromFile).toEqual([]);
    expect(inOrder.fedBytes).toBe(45);
    expect(buffers.lent).toBe(0);
  });

  test("tells the CRC-32 of what it read", async () => {
    await readBy(one, true);
    expect(await inOrder.crc32Of(one)).toBe(crc32(contents(one)));
  });

  test("takes a part that was sent before only when it has read the one in front", async () => {
    sentBefore(two);
    const running = inOrder.run(stop.signal);
    const loan = await buffers.lend(one, stop.signal);
    const reading = inOrder.read(loan);
    await turn();
    expect(fromFile).toEqual([]);

    finishReading(true);
    await reading;
    inOrder.offer(loan);
    await moved(loan);
    for (const part of [three, four, five]) await moved(await offer(part));

    expect(await running).toBe(sha256);
    expect(fromFile).toEqual([2]);
  });

  test("reads no part that is not the next", async () => {
    expect(await inOrder.read(await buffers.lend(two, stop.signal))).toBe(false);
  });

  test("tells the reader why it cannot be read", async () => {
    digest.readInto = async () => {
      throw new Error("the file changed");
    };
    const reading = inOrder.read(await buffers.lend(one, stop.signal));
    await expect(reading).rejects.toThrow("the file changed");
  });
});
