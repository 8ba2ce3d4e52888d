import { expect, test, vi } from "vitest";
import { fastClock } from "../testing/fast-clock.js";
import { directions, succeeds, transferOf, wayOf } from "../testing/moving.js";
import { MiB, partBytes, seededBytes } from "../testing/seeded.js";
import { openWorld } from "../testing/world.js";
import { threadsOf } from "./thread-options.js";
import type { LaneThread } from "./lane-thread.js";
import { LaneThreadPool } from "./lane-thread-pool.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

const fiveParts = seededBytes("five parts", 4 * partBytes + 1);
const threads = 2;

test.each(directions)("%s: with lanes in two threads the image is the same", async (direction) => {
  const world = await openWorld();
  await succeeds(await transferOf(world, direction, fiveParts), { threads });
});

test.each(directions)("%s: a connection that breaks is tried again", async (direction) => {
  const world = await openWorld();
  const transfer = await transferOf(world, direction, fiveParts);
  world.proxy.script((connection) =>
    connection === 2 ? { [wayOf(direction)]: { cut: { afterBytes: 1_000_000, by: "reset" } } } : {},
  );
  fastClock.run(20);
  await succeeds(transfer, { threads });
});

test.each(directions)(
  "%s: what the store says of a part that it refuses is told",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, fiveParts);
    const on = direction === "upload" ? "part" : "download";
    world.server.faults.add({ on, times: Infinity, do: "answer", status: 400 });
    await expect(transfer.run({ threads })).rejects.toMatchObject({
      code: "PART_REFUSED",
      status: 400,
    });
  },
);

test.each(directions)(
  "%s: a thread that dies is replaced, and its parts are moved again",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, fiveParts);
    const taken = vi.spyOn(LaneThreadPool.prototype, "take");
    world.proxy.script(() => ({ [wayOf(direction)]: { bytesPerSec: 20 * MiB } }));
    let killed = false;
    fastClock.run(20);
    await succeeds(transfer, {
      threads,
      onProgress: ({ inFlightBytes }) => {
        if (killed || inFlightBytes === 0) return;
        killed = true;
        void (taken.mock.results[0]?.value as LaneThread).close();
      },
    });
    expect(killed).toBe(true);
    const threadsUsed = new Set(taken.mock.results.map(({ value }) => value as LaneThread));
    expect(threadsUsed.size).toBeGreaterThan(threads);
  },
);

test.each(directions)("%s: an abort ends it, and the next call resumes", async (direction) => {
  const world = await openWorld();
  const transfer = await transferOf(world, direction, fiveParts);
  world.proxy.script(() => ({ [wayOf(direction)]: { bytesPerSec: MiB } }));
  const controller = new AbortController();
  const stop = new Error("stop");
  const running = transfer.run({
    threads,
    signal: controller.signal,
    onProgress: ({ inFlightBytes }) => {
      if (inFlightBytes > 0) controller.abort(stop);
    },
  });
  await expect(running).rejects.toBe(stop);
  world.proxy.script(() => ({}));
  await succeeds(transfer, { threads });
});

test.each([
  [1, 1],
  [4, 1],
  [5, 2],
  [16, 4],
  [64, 4],
])("on %i cores there are %i threads, unless said otherwise", (cores, expected) => {
  expect(threadsOf(undefined, cores)).toBe(expected);
  expect(threadsOf(3, cores)).toBe(3);
});

test.each([0, 17, 1.5, NaN])("%d threads are refused before anything is sent", async (given) => {
  const world = await openWorld();
  const transfer = await transferOf(world, "upload");
  await expect(transfer.run({ threads: given })).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("threads") as string,
  });
  expect(world.server.requests.create).toBe(0);
});
