import { expect, test } from "vitest";
import { Waiters } from "./waiters.js";

test("a wake lets all continue that wait, in their order, and nobody who comes later", async () => {
  const waiters = new Waiters();
  const woken: number[] = [];
  const { signal } = new AbortController();
  const waits = [1, 2].map((n) => waiters.wait(signal).then(() => woken.push(n)));

  waiters.wake();
  await Promise.all(waits);
  void waiters.wait(signal).then(() => woken.push(3));
  await Promise.resolve();

  expect(woken).toEqual([1, 2]);
});

test("an abort ends a wait with the signal's reason, also one that was woken in the same moment", async () => {
  const waiters = new Waiters();
  const stop = new AbortController();
  const [first, second] = [waiters.wait(stop.signal), waiters.wait(stop.signal)];

  waiters.wake();
  stop.abort("enough");

  await expect(first).rejects.toBe("enough");
  await expect(second).rejects.toBe("enough");
  await expect(waiters.wait(stop.signal)).rejects.toBe("enough");
});

test("a signal that lives long keeps no listener", async () => {
  const waiters = new Waiters();
  let listeners = 0;
  const counting = {
    aborted: false,
    throwIfAborted: () => undefined,
    addEventListener: () => listeners++,
    removeEventListener: () => listeners--,
  } as unknown as AbortSignal;

  const waiting = waiters.wait(counting);
  waiters.wake();
  await waiting;

  expect(listeners).toBe(0);
});
