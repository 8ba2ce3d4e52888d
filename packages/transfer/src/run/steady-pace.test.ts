import { expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.js";
import { SteadyPace } from "./steady-pace.js";

const paceOf = (lanes: number): { pace: SteadyPace; clock: ManualClock } => {
  const clock = new ManualClock();
  return { pace: new SteadyPace(clock, lanes), clock };
};

test("as many lanes run as were asked for, whatever moves", () => {
  const { pace } = paceOf(4);
  pace.observe({ movedBytes: 1, running: 4, full: true, limited: false, busyMs: () => [] });
  expect(pace.lanes).toBe(4);
});

test("memory for fewer parts means fewer lanes, and one at least", () => {
  const { pace } = paceOf(4);
  pace.limit(3);
  expect(pace.lanes).toBe(3);
  pace.limit(8);
  expect(pace.lanes).toBe(3);
  pace.limit(0);
  expect(pace.lanes).toBe(1);
});

test("a store that asks for less gets half of the lanes for 10 s, then all of them again", async () => {
  const { pace, clock } = paceOf(4);
  pace.slowDown(4);
  expect(pace.lanes).toBe(2);
  await clock.advance(9_999);
  expect(pace.lanes).toBe(2);
  await clock.advance(1);
  expect(pace.lanes).toBe(4);
});

test("lanes that are to end, and are refused once more before, do not halve the lanes again", () => {
  const { pace } = paceOf(4);
  pace.slowDown(4);
  pace.slowDown(4);
  pace.slowDown(3);
  expect(pace.lanes).toBe(2);
});

test("a store that refuses the half of them, too, gets a half of that, and one lane at least", () => {
  const { pace } = paceOf(4);
  for (const running of [4, 2, 1]) pace.slowDown(running);
  expect(pace.lanes).toBe(1);
});

test("a store that asks for less again soon gets less for twice as long, up to 2 minutes", async () => {
  const { pace, clock } = paceOf(4);
  const held: number[] = [];
  for (let times = 0; times < 6; times++) {
    pace.slowDown(4);
    let seconds = 0;
    for (; pace.lanes < 4; seconds++) await clock.advance(1_000);
    held.push(seconds);
  }
  expect(held).toEqual([10, 20, 40, 80, 120, 120]);
});

test("a store that has not asked for less for long is trusted again", async () => {
  const { pace, clock } = paceOf(4);
  for (let times = 0; times < 2; times++) {
    pace.slowDown(4);
    await clock.advance(60_000);
  }
  pace.slowDown(4);
  await clock.advance(10_000);
  expect(pace.lanes).toBe(4);
});
