import { expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.js";
import { Patience } from "./patience.js";

const last = new Error("a reset");

test("waits are as long as was wished, and cut to what is left", async () => {
  const clock = new ManualClock();
  const patience = new Patience(clock, 1_000);

  expect(patience.allow(400, "moving", last)).toBe(400);
  await clock.advance(900);
  expect(patience.allow(400, "moving", last)).toBe(100);
});

test("it ends when the budget is used up, and says what happened last", async () => {
  const clock = new ManualClock();
  const patience = new Patience(clock, 1_000);
  await clock.advance(1_000);

  const allow = (): unknown => patience.allow(0, "moving", last);

  expect(allow).toThrow(/No progress \(moving\) for 1 s; the last try ended with: a reset\. What/);
  expect(allow).toThrow(expect.objectContaining({ code: "NO_PROGRESS", cause: last }) as Error);
});

test("progress starts the budget again", async () => {
  const clock = new ManualClock();
  const patience = new Patience(clock, 1_000);
  await clock.advance(999);

  patience.progressed();
  await clock.advance(999);

  expect(patience.allow(5, "moving", last)).toBe(1);
});

test("the wait for a turn is no lack of progress, as long as nothing has failed", async () => {
  const clock = new ManualClock();
  const patience = new Patience(clock, 10_000);
  await clock.advance(60_000);
  patience.begins();
  expect(patience.allow(1_000, "moving", new Error("reset"))).toBe(1_000);

  await clock.advance(60_000);
  patience.begins();

  expect(() => patience.allow(1_000, "moving", new Error("reset"))).toThrow("reset");
});
