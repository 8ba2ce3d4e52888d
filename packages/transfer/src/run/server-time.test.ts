import { expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.js";
import { ServerTime } from "./share.js";

test("the server's time continues from what was heard, for half a minute", async () => {
  const clock = new ManualClock();
  const time = new ServerTime(clock);
  expect(time.nowSec).toBeNull();
  time.heard(1_000);

  await clock.advance(2_500);
  expect(time.nowSec).toBe(1_002);
  await clock.advance(30_000);
  expect(time.nowSec).toBeNull();
});

test("a clock that jumped, since the machine slept, makes it unknown", async () => {
  const clock = new ManualClock();
  const time = new ServerTime(clock);
  time.heard(1_000);

  clock.jumpWall(3_600_000);

  expect(time.nowSec).toBeNull();
});
