import { expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.js";
import { LinkDelay } from "./link-delay.js";

function delays(...ms: readonly number[]): LinkDelay {
  const delay = new LinkDelay(new ManualClock());
  for (const each of ms) delay.answered("part URL", each);
  return delay;
}

test("one answer says nothing about the link", () => {
  expect(delays(100).since(-1)).toBe("unknown");
});

test("answers that take about as long as the fastest are those of a link with no queue", () => {
  expect(delays(100, 120, 110).since(-1)).toBe("flat");
});

test("a lost packet or a slow server delays some answers, and says nothing about the queue", () => {
  expect(delays(100, 900, 110, 450).since(-1)).toBe("flat");
});

test("when all answers take longer than the fastest ever did, the queue of the link is full", async () => {
  const clock = new ManualClock();
  const delay = new LinkDelay(clock);
  for (const ms of [30, 32]) delay.answered("part URL", ms);
  const fromMs = clock.monotonicMs();
  await clock.advance(1_000);
  for (const ms of [500, 90, 300]) delay.answered("part URL", ms);

  expect(delay.since(fromMs)).toBe("risen");
});

test("answers of a new connection, with its handshake, are not compared with those of an old one", async () => {
  const clock = new ManualClock();
  const delay = new LinkDelay(clock);
  for (const ms of [100, 100]) delay.answered("head", ms);
  const fromMs = clock.monotonicMs();
  await clock.advance(1_000);
  for (const ms of [400, 410]) delay.answered("first head", ms);

  expect(delay.since(fromMs)).toBe("flat");
});

test("a few ms more are the processor's, not the link's", () => {
  expect(delays(1, 9, 12).since(-1)).toBe("flat");
});
