import { expect, test } from "vitest";
import { rowOf } from "./compare.js";
import { isMet, uploadGoals } from "./goals.js";

const rows = (["img", "floor"] as const).map((name, at) => {
  const own = [{ seconds: 4 - at, cpuSeconds: 3 - at, peakMiB: 200, stdout: "" }];
  const ours = [{ seconds: 4, cpuSeconds: 3, peakMiB: 200, stdout: "" }];
  return rowOf({ name, what: name }, own, ours, 1024 ** 3);
});

test("goals are told of those that ran, as reached or missed", () => {
  const goals = uploadGoals(rows).map((goal) => [goal.what, goal.reached, isMet(goal)]);
  expect(goals).toEqual([
    ["upload: the floor's speed", 0.75, false],
    ["upload: CPU per GiB, of the floor's", 1.5, false],
    ["upload: peak memory", 200, true],
  ]);
});
