import { beforeEach, expect, test } from "vitest";
import { turn } from "../testing/manual-clock.js";
import { Breaker, type LinkState } from "./patience.js";

const { signal } = new AbortController();
let breaker: Breaker;

beforeEach(() => {
  breaker = new Breaker(2);
});

/** A try that ends when the test says so. */
function hold(): { tried: Promise<string>; begun: () => boolean; end: (how: string) => void } {
  let begun = false;
  let end!: (how: string) => void;
  const ended = new Promise<string>((resolve) => (end = resolve));
  const tryOnce = (): Promise<string> => ((begun = true), ended);
  const tried = through(signal, tryOnce);
  return { tried, begun: () => begun, end };
}

/** What it throws was ended by us. */
async function through(signal: AbortSignal, tryOnce: () => Promise<string>): Promise<string> {
  const leave = await breaker.enter(signal);
  let link: LinkState = "nothing";
  try {
    const how = await tryOnce();
    link = how === "down" ? "down" : "up";
    return how;
  } finally {
    leave(link);
  }
}

async function ended(how: string): Promise<void> {
  const { tried, end } = hold();
  end(how);
  await tried;
}

test("failures with a success between them let everybody through", async () => {
  for (const how of ["down", "up", "down"]) await ended(how);

  expect(breaker.open).toBe(false);
});

test("after so many failures one try at a time continues, and the first success lets all through", async () => {
  await ended("down");
  await ended("down");
  const [probe, second, third] = [hold(), hold(), hold()];
  await turn();
  expect([probe, second, third].map((one) => one.begun())).toEqual([true, false, false]);

  probe.end("up");
  await turn();

  expect([second, third].map((one) => one.begun())).toEqual([true, true]);
  second.end("up");
  third.end("up");
  await Promise.all([second.tried, third.tried]);
});

test("a probe that fails makes room for the next one", async () => {
  await ended("down");
  await ended("down");
  const [probe, second, third] = [hold(), hold(), hold()];
  probe.end("down");
  await turn();

  expect([second, third].map((one) => one.begun())).toEqual([true, false]);
  second.end("up");
  third.end("up");
  await Promise.all([probe.tried, second.tried, third.tried]);
});

test("a try that began before everything failed is no probe, and its end lets nobody through", async () => {
  const old = hold();
  await ended("down");
  await ended("down");
  const [probe, second] = [hold(), hold()];
  old.end("down");
  await old.tried;
  await turn();

  expect(second.begun()).toBe(false);
  probe.end("up");
  second.end("up");
  await second.tried;
});

test("with one lane it never waits", async () => {
  for (let n = 0; n < 10; n++) await ended("down");

  expect(breaker.open).toBe(true);
  await ended("up");
  expect(breaker.open).toBe(false);
});

const thrown = new Error("ended by us");
const endedByUs = (): Promise<string> => Promise.reject(thrown);

// fault N05
test("tries that we ended ourselves say nothing about the link", async () => {
  for (let n = 0; n < 10; n++) {
    await expect(through(signal, endedByUs)).rejects.toBe(thrown);
  }

  expect(breaker.open).toBe(false);
});

test("failures on both sides of a try that we ended ourselves are failures in a row", async () => {
  await ended("down");
  await expect(through(signal, endedByUs)).rejects.toBe(thrown);
  await ended("down");

  expect(breaker.open).toBe(true);
});

test("a probe that we ended ourselves makes room for the next one", async () => {
  await ended("down");
  await ended("down");
  await expect(through(signal, endedByUs)).rejects.toBe(thrown);
  const [probe, second] = [hold(), hold()];
  await turn();

  expect([probe, second].map((one) => one.begun())).toEqual([true, false]);
  probe.end("up");
  second.end("up");
  await Promise.all([probe.tried, second.tried]);
});

test("waiting for the probe ends with the signal", async () => {
  await ended("down");
  await ended("down");
  const probe = hold();
  const stop = new AbortController();
  const waiting = through(stop.signal, () => Promise.resolve("up"));

  stop.abort(new Error("stopped"));

  await expect(waiting).rejects.toThrow("stopped");
  probe.end("up");
  await probe.tried;
});
