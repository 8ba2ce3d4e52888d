import { beforeEach, expect, test } from "vitest";
import { MiB } from "../plan.js";
import type { KnownLinks, LearnedLink, LinkDirection } from "../ports.js";
import type { PutFault } from "../testing/fake-service.js";
import { server } from "../testing/fake-service.js";
import { seededBytes } from "../testing/memory-ports.js";
import { Rig } from "../testing/rig.js";

let rig: Rig;
let kept: readonly [string, LinkDirection, LearnedLink][] = [];
let known: LearnedLink | null = null;

const links: KnownLinks = {
  of: async () => known,
  keep: async (...given) => void (kept = [...kept, given]),
};

/** A part moves 1 MiB a second. */
const paced: PutFault = (request, answer) =>
  answer({
    ...request,
    next: async (mostBytes) => {
      const bytes = await request.next(mostBytes);
      await rig.clock.wait((bytes.length / MiB) * 1_000, request.signal);
      return bytes;
    },
  });

/** @returns The numbers of lanes that were told. */
async function upload(options: { lanes?: number; maxBytesPerSecond?: number }): Promise<number[]> {
  const told: number[] = [];
  await rig.upload({
    ...options,
    onEvent: (event) => {
      if (event.event === "lanes") told.push(event.lanes);
    },
  });
  return told;
}

beforeEach(() => {
  rig = new Rig(seededBytes(24 * 5 * MiB));
  rig.knownLinks = links;
  rig.service.faults.put.push(...Array<PutFault>(50).fill(paced));
  known = null;
  kept = [];
});

test("an upload keeps how many lanes it used, and what they moved", async () => {
  await upload({});

  const [[at, direction, { lanes, bytesPerSecond }]] = kept as [(typeof kept)[0]];
  expect([at, direction]).toEqual([server, "up"]);
  expect(lanes).toBeGreaterThanOrEqual(4);
  expect(bytesPerSecond / lanes).toBeCloseTo(MiB, -6);
});

test("an upload begins with the lanes that an earlier one ended with", async () => {
  known = { lanes: 10, bytesPerSecond: 10 * MiB };
  expect((await upload({}))[0]).toBe(10);
});

test("lanes that move far less than before are those of another link, and are forgotten", async () => {
  known = { lanes: 16, bytesPerSecond: 1000 * MiB };
  expect((await upload({})).slice(0, 2)).toEqual([16, 4]);
});

test.each([{ lanes: 3 }, { maxBytesPerSecond: 50 * MiB }])(
  "the caller's own limit counts, and nothing is learned from it: %o",
  async (options) => {
    known = { lanes: 10, bytesPerSecond: 10 * MiB };
    expect((await upload(options))[0]).toBeLessThan(10);
    expect(kept).toEqual([]);
  },
);

test("what cannot be kept within a signal's time does not delay its abort", async () => {
  rig.knownLinks = { of: () => new Promise(() => undefined), keep: async () => undefined };
  const stop = new AbortController();
  const uploading = rig.upload({
    signal: stop.signal,
    onProgress: () => stop.abort(new Error("stop")),
  });

  await expect(uploading).rejects.toThrow("stop");
});
