import { expect, test, vi } from "vitest";
import type { TransferTask } from "@img/transfer";
import { fastClock } from "../testing/fast-clock.js";
import { succeeds, transferOf, wayOf } from "../testing/moving.js";
import { MiB, partBytes, seededBytes } from "../testing/seeded.js";
import { openWorld } from "../testing/world.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

// How many lanes pay off is the store's matter here, not that of a machine that runs other tests beside.
vi.mock(import("../platform.js"), async (importActual) => {
  const actual = await importActual();
  const idle = (...of: Parameters<typeof actual.taskOn>): TransferTask => {
    const task = actual.taskOn(...of);
    return { ...task, platform: { ...task.platform, busyMs: () => [0] } };
  };
  return { ...actual, taskOn: idle };
});

/** What a connection brings, so that more of them pay off. */
const connectionBytesPerSec = 20 * MiB;
/** A request counts for as long, which is four times as long as it takes: a busy machine starts the others later. */
const underWayMs = 1_000;

// Both ways have one pace; an upload's parts are through before its lanes are as few.
// fault O05
test.each([["download", 2]] as const)(
  "%s: 503 SlowDown while more than %i requests are running, for a while: fewer lanes, and they come back",
  async (direction, taken) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, seededBytes("many", 24 * partBytes));
    world.proxy.script(() => ({ [wayOf(direction)]: { bytesPerSec: connectionBytesPerSec } }));
    let underWay: number[] = [];
    const isTooMany = (): boolean => {
      const nowMs = performance.now();
      underWay = underWay.filter((sinceMs) => nowMs - sinceMs < underWayMs);
      return underWay.length === taken || underWay.push(nowMs) < 0;
    };
    const fault = world.server.faults.add({
      on: direction,
      times: Infinity,
      only: isTooMany,
      do: "answer",
      status: 503,
    });
    fastClock.run(40);

    const onProgress = ({ partsDone }: { readonly partsDone: number }): void => {
      if (partsDone >= 4) fault.remove();
    };
    await succeeds(transfer, { onProgress });

    expect(fault.hits).toBeGreaterThan(0);
    const lanes = world.told.filter(({ phase }) => phase === "moving").map((told) => told.lanes);
    const fewer = lanes.findIndex((count) => count > 0 && count <= taken);
    expect(fewer).toBeGreaterThanOrEqual(0);
    expect(Math.max(...lanes.slice(fewer))).toBeGreaterThan(taken);
  },
);
