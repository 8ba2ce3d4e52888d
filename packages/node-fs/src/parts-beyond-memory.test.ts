import { open, truncate } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { requestsAtOnce } from "./testing/requests-at-once.js";
import { MiB, partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { countSharedMemory } from "./testing/shared-memory.js";
import { openWorld, type World } from "./testing/world.js";

/** Memory for one part and five windows. */
const tight = { lanes: 6, memoryBytes: 2 * partBytes } as const;
const image = seededBytes("image", 31 * MiB + 3);

async function expectStored(world: World, id: string): Promise<void> {
  expect(await world.storedSha256(id)).toBe(sha256Of(image));
}

test.each([1, 2])(
  "parts that memory does not suffice for are sent straight from the file, over broken connections, with %i threads",
  async (threads) => {
    const world = await openWorld();
    const path = await world.file("image.raw", image);
    const parts = countSharedMemory(partBytes);
    const halfway = [2, 3, 5].map((partId) => ({ partId, afterBytes: 2 * MiB }));
    for (const fault of halfway) world.server.faults.add({ on: "part", do: "reset", ...fault });

    const result = await world.upload(path, { ...tight, threads });

    expect(result.sha256).toBe(sha256Of(image));
    expect(parts.bytes).toBe(partBytes);
    await expectStored(world, result.image.id);
  },
);

test("the MD5s of such parts are sent and compared", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", image);
  const told: string[] = [];
  world.server.faults.add({
    on: "part",
    do: "reset",
    only: ({ headers }) => told.push(String(headers["content-md5"])) < 0,
  });

  const result = await world.upload(path, { ...tight, partChecksums: "md5" });

  expect(new Set(told).size).toBe(7);
  await expectStored(world, result.image.id);
});

test("such an upload is resumed after it ended in the middle", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", image);
  const stop = new AbortController();
  const stopped = world.upload(path, {
    ...tight,
    signal: stop.signal,
    onPart: () => stop.abort(new Error("killed")),
  });
  await expect(stopped).rejects.toThrow("killed");

  const result = await world.upload(path, tight);

  expect(result.resumed).toBe(true);
  expect(result.sentBytes).toBeLessThan(image.length);
  await expectStored(world, result.image.id);
});

test("32 lanes send parts of 64 MiB at once within 256 MiB", async () => {
  const world = await openWorld();
  const path = await world.file("sparse.raw", Buffer.from("x"));
  await truncate(path, 32 * 64 * MiB);
  const puts = requestsAtOnce("PUT");
  const memory = countSharedMemory(0);
  world.server.faults.add({ on: "part", do: "stall", afterBytes: 0, times: Infinity });
  const stop = new AbortController();
  const uploading = world.upload(path, { lanes: 32, partBytes: 64 * MiB, signal: stop.signal });
  const ended = expect(uploading).rejects.toThrow("enough");

  await vi.waitUntil(() => puts.most === 32, { timeout: 60_000, interval: 50 });
  stop.abort(new Error("enough"));
  await ended;

  expect(memory.bytes).toBeLessThanOrEqual(256 * MiB);
});

// fault D25
test("a byte that changes after its part was sent ends the upload", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", image);
  const held = world.server.faults.add({ on: "part", partId: 1, do: "stall", times: Infinity });
  const arrived = new Set<number>();
  const uploading = world.upload(path, {
    ...tight,
    stallMs: 500,
    onPart: ({ number }) => arrived.add(number),
  });
  const ended = expect(uploading).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

  await vi.waitUntil(() => arrived.size === 6, { timeout: 60_000, interval: 20 });
  const file = await open(path, "r+");
  await file.write(Buffer.from([1, 2, 3]), 0, 3, 3 * partBytes);
  await file.close();
  held.remove();

  await ended;
});
