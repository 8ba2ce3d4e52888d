import { existsSync } from "node:fs";
import { expect, test, vi } from "vitest";
import type { Fault } from "@img/local-server";
import { partPathOf } from "../files/file-target.js";
import { fastClock } from "../testing/fast-clock.js";
import { succeeds, transferOf, twoParts } from "../testing/moving.js";
import { partBytes } from "../testing/seeded.js";
import { openWorld, type World } from "../testing/world.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

type Kind<Do extends Fault["do"]> = Extract<Fault, { do: Do }>;

// fault O19
test("Range answered with 200 and the whole image is one stream", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  world.server.faults.add({ on: "download", times: Infinity, do: "ignore-range" });
  await succeeds(download);
  expect(world.server.requests.download).toBe(2);
});

// fault O19
test("a stream that breaks begins again, and keeps what has arrived", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  const ignore = { on: "download", do: "ignore-range" } as const;
  world.server.faults.add({ ...ignore });
  world.server.faults.add({ on: "download", do: "reset", afterBytes: partBytes + 1000 });
  world.server.faults.add({ ...ignore, times: Infinity });
  fastClock.run(20);
  await succeeds(download);
});

// fault O19
test("a store that ignores ranges only after the first one gets no wrong byte written", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  world.server.faults.add({ on: "download", nth: 2, times: Infinity, do: "ignore-range" });
  fastClock.run(100);
  await expect(download.run()).rejects.toMatchObject({ code: "PART_REFUSED", status: 200 });
  expectNoTarget(world);
});

const wrongHeads = [
  ["no Content-Range", { do: "headers", headers: { "Content-Range": null } }],
  ["another range", { do: "headers", headers: { "Content-Range": "bytes 1-2/3" } }],
  ["a range of nonsense", { do: "headers", headers: { "Content-Range": "bytes all/of it" } }],
  ["a shorter body", { do: "resize", byBytes: -10 }],
  ["a longer body", { do: "resize", byBytes: 10 }],
  ["compressed bytes", { do: "headers", headers: { "Content-Encoding": "gzip" } }],
] as const satisfies readonly (readonly [string, Partial<Kind<"headers"> | Kind<"resize">>])[];

// fault O20
test.each(wrongHeads)("206 with %s, once: it is asked again", async (_, fault) => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  world.server.faults.add({ on: "download", ...fault });
  fastClock.run(20);
  await succeeds(download, { lanes: 1 }); // over several, a part that takes its time is asked for twice
  expect(world.server.requests.download).toBe(3);
});

// fault O20
test.each(wrongHeads)("206 with %s, always: an error, and no wrong byte", async (_, fault) => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  world.server.faults.add({ on: "download", nth: 2, times: Infinity, ...fault });
  fastClock.run(100);
  await expect(download.run()).rejects.toMatchObject({ code: "PART_REFUSED", status: 206 });
  expectNoTarget(world);
  world.server.faults.clear();
  await succeeds(download);
});

// fault O21
test.each([
  ["416", { do: "answer", status: 416 }],
  ["412", { do: "answer", status: 412 }],
  ["another ETag", { do: "headers", headers: { ETag: '"other"' } }],
] as const)("%s in the middle of a download: the image changed", async (_, fault) => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  world.server.faults.add({ on: "download", nth: 2, ...fault });
  await expect(download.run({ lanes: 1 })).rejects.toMatchObject({
    code: "IMAGE_CHANGED",
    message: expect.stringContaining("Run the download again") as string,
  });
  expectNoTarget(world);
  await succeeds(download);
});

/** What each request for the object says as If-Match. */
function ifMatchesOf(world: World): (string | undefined)[] {
  const seen: (string | undefined)[] = [];
  const only = ({ headers }: { headers: { "if-match"?: string | undefined } }): boolean => {
    seen.push(headers["if-match"]);
    return false; // only looked at
  };
  world.server.faults.add({ on: "download", only, do: "reset" });
  return seen;
}

test("each range says If-Match, with the ETag of the first answer", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  const seen = ifMatchesOf(world);
  await succeeds(download);
  expect(seen).toEqual([undefined, expect.stringMatching(/^"[^"]+"$/)]);
});

test.each([
  ["no ETag", null],
  ["a weak ETag", 'W/"weak"'],
])("a store with %s is guarded by size and digest", async (_, ETag) => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  const seen = ifMatchesOf(world);
  world.server.faults.add({ on: "download", times: Infinity, do: "headers", headers: { ETag } });
  await succeeds(download);
  expect(seen).toEqual([undefined, undefined]);
});

// fault O22
test.each([
  ["first", 0],
  ["middle", 123_456],
  ["last", twoParts.length - partBytes - 1],
])("a bit flipped in the %s downloaded byte: the final name is absent", async (_, atByte) => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  world.server.faults.add({ on: "download", nth: 2, do: "flip-bit", atByte });
  await expect(download.run({ lanes: 1 })).rejects.toMatchObject({
    code: "DIGEST_MISMATCH",
    wantedSha256: download.sha256,
  });
  expectNoTarget(world);
  expect(existsSync(partPathOf(world.path("target.raw")))).toBe(false);
  await succeeds(download);
});

// fault O22
test("after a wrong digest keepOnMismatch leaves what arrived beside the target", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  world.server.faults.add({ on: "download", do: "flip-bit" });
  const keepOnMismatch = download.run({ keepOnMismatch: true });
  await expect(keepOnMismatch).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  expectNoTarget(world);
  expect(existsSync(partPathOf(world.path("target.raw")))).toBe(true);
  await succeeds(download);
});

// fault N01
test("a download that broke off continues from the byte where it was", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  const ranges: string[] = [];
  const only = ({ headers }: { headers: { range?: string | undefined } }): boolean => {
    ranges.push(headers.range ?? "");
    return true;
  };
  world.server.faults.add({ on: "download", only, do: "reset", afterBytes: 600_000 });
  fastClock.run(20);
  await succeeds(download, { lanes: 1 });
  const from = Number(/bytes=(\d+)-/.exec(ranges[1]!)?.[1]);
  expect(from).toBeGreaterThan(0);
  expect(from).toBeLessThanOrEqual(600_000);
});

function expectNoTarget(world: World): void {
  expect(existsSync(world.path("target.raw"))).toBe(false);
}
