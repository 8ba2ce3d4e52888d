import { rename, writeFile } from "node:fs/promises";
import type { Worker } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { SfcCore } from "@img/core/core.js";
import { fastClock } from "../testing/fast-clock.js";
import { directions, succeeds, transferOf, wayOf } from "../testing/moving.js";
import { partBytes, seededBytes } from "../testing/seeded.js";
import { openWorld } from "../testing/world.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

/** Without waiting for an answer or another try, which take 30 s; it is under a second where the machine is idle. */
const atOnceMs = 10_000;

// fault D45
test.each(directions)(
  "%s: aborted before the start: nothing is asked or sent",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    const before = { ...world.server.requests };
    const reason = new Error("never mind");
    await expect(transfer.run({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(world.server.requests).toEqual(before);
  },
);

// fault D45
test.each(
  directions.flatMap((direction) =>
    [
      ["an error of the caller's", new Error("enough")],
      ["a text", "enough"],
      ["the platform's AbortError", undefined],
    ].map(([what, reason]) => [direction, what as string, reason] as const),
  ),
)(
  "%s: aborted in the middle, twice: it rejects with %s at once, and can be resumed",
  async (direction, _, reason) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, seededBytes("four", 4 * partBytes));
    world.proxy.script(() => ({ [wayOf(direction)]: { bytesPerSec: 5_000_000 } }));
    const controller = new AbortController();
    let abortedMs = 0;
    const onProgress = ({ inFlightBytes }: { readonly inFlightBytes: number }): void => {
      if (inFlightBytes === 0 || abortedMs > 0) return;
      abortedMs = performance.now();
      controller.abort(reason);
      controller.abort("again");
    };
    const error = await transfer
      .run({ signal: controller.signal, onProgress, lanes: 1 })
      .catch((e: unknown) => e);
    expect(error).toBe(controller.signal.reason);
    expect(performance.now() - abortedMs).toBeLessThan(atOnceMs);
    world.proxy.script(() => ({}));
    await succeeds(transfer);
  },
);

const waits = [
  ["list", "upload"],
  ["create", "upload"],
  ["partUrl", "upload"],
  ["part", "upload"],
  ["complete", "upload"],
  ["get", "download"],
  ["downloadUrl", "download"],
  ["download", "download"],
] as const;

test.each(waits)(
  "aborted while it waits for %s: the signal's reason at once",
  async (on, direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    const controller = new AbortController();
    let abortedMs = 0;
    const only = (): boolean => {
      setTimeout(() => {
        abortedMs = performance.now();
        controller.abort(new Error("enough"));
      }, 20);
      return true;
    };
    world.server.faults.add({ on, only, do: "stall" });
    await expect(transfer.run({ signal: controller.signal })).rejects.toThrow("enough");
    expect(performance.now() - abortedMs).toBeLessThan(atOnceMs);
    await succeeds(transfer);
  },
);

test("aborted while it waits to try again: the signal's reason at once", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  const controller = new AbortController();
  const headers = { "Retry-After": "50" };
  world.server.faults.add({ on: "part", times: Infinity, do: "answer", status: 503, headers });
  setTimeout(() => controller.abort(new Error("enough")), 400);
  await expect(upload.run({ signal: controller.signal })).rejects.toThrow("enough");
  world.server.faults.clear();
  await succeeds(upload);
});

// fault D43
test.each(directions)(
  "%s: the digest's thread dies: an error, no hang, and the next run resumes",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, seededBytes("four", 4 * partBytes));
    // Not all is through before the thread runs, however busy the machine is.
    world.proxy.script(() => ({ [wayOf(direction)]: { bytesPerSec: 5_000_000 } }));
    // Its first word: one that is ended while it loads its file leaves that open.
    process.once("worker", (thread: Worker) =>
      thread.once("message", () => void thread.terminate()),
    );
    await expect(transfer.run()).rejects.toMatchObject({
      code: "DIGEST_FAILED",
      message: expect.stringContaining("Run it again to resume") as string,
    });
    world.proxy.script(() => ({}));
    await succeeds(transfer);
  },
);

// fault D43
test.each(directions)(
  "%s: the digest's thread dies in the middle: an error, no hang",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, seededBytes("four", 4 * partBytes));
    // Not all is through when the thread ends, however busy the machine is.
    world.proxy.script(() => ({ [wayOf(direction)]: { bytesPerSec: 10_000_000 } }));
    let thread: Worker | null = null;
    process.once("worker", (created: Worker) => (thread = created));
    const onProgress = ({ digestedBytes }: { readonly digestedBytes: number }): void => {
      if (digestedBytes > 0) void thread?.terminate();
    };
    await expect(transfer.run({ onProgress, lanes: 1 })).rejects.toMatchObject({
      code: "DIGEST_FAILED",
    });
    world.proxy.script(() => ({}));
    await succeeds(transfer);
  },
);

// fault D44
test.each(directions)("%s: an allocation that fails is an error, no hang", async (direction) => {
  const world = await openWorld();
  const transfer = await transferOf(world, direction);
  vi.stubGlobal("SharedArrayBuffer", function () {
    throw new RangeError("Array buffer allocation failed");
  });
  const error = await transfer.run().catch((thrown: unknown) => thrown);
  vi.unstubAllGlobals();
  expect(error).toMatchObject({ message: "Array buffer allocation failed" });
  await succeeds(transfer);
});

// fault D44
test.each(directions)(
  "%s: a memory budget under one part is an error before a part is moved",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    await expect(transfer.run({ memoryBytes: partBytes - 1 })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("at least one part") as string,
    });
    expect(world.told.filter(({ phase }) => phase !== "preparing")).toEqual([]);
  },
);

test.each(directions)("%s: a memory budget of one part is enough", async (direction) => {
  const world = await openWorld();
  const transfer = await transferOf(world, direction);
  await succeeds(transfer, { memoryBytes: partBytes });
});

// fault D46
test.each(directions)(
  "%s: what onProgress throws stops it and is thrown by it, and the next run resumes",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    const bug = new Error("a bug of the caller's");
    const onProgress = (): void => {
      throw bug;
    };
    await expect(transfer.run({ onProgress })).rejects.toBe(bug);
    await succeeds(transfer);
  },
);

// fault D46
test.each(directions)(
  "%s: a token function that throws is an error, no hang",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    let calls = 0;
    const bearerAuth = async (): Promise<string> => {
      if (++calls > 1) throw new Error("the vault is sealed");
      return world.server.token;
    };
    const client = new SfcCore({ serverURL: world.server.url, bearerAuth });
    await expect(transfer.run({ client })).rejects.toMatchObject({ code: "API_REFUSED" });
    await succeeds(transfer);
  },
);

test.each(directions)(
  "%s: a limit of the rate is kept from the first second on",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, seededBytes("rate", partBytes));
    fastClock.run(5);
    const { elapsedMs } = await succeeds(transfer, { maxBytesPerSecond: partBytes / 4 });
    expect(elapsedMs).toBeGreaterThan(3_500);
  },
);

test("two uploads of one name at once: one continues, the other says who has it", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  const held = world.server.faults.add({ on: "part", do: "reset", times: Infinity });
  fastClock.run(20);
  const first = succeeds(upload);
  await expect.poll(() => world.told.at(-1)?.phase).toBe("moving");
  await expect(upload.run()).rejects.toMatchObject({
    code: "TRANSFER_LOCKED",
    holder: { pid: process.pid },
  });
  held.remove();
  await first;
});

test("the source may be renamed to its name and back between runs", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "complete", do: "answer", status: 501 });
  await expect(upload.run()).rejects.toMatchObject({ code: "API_REFUSED" });
  await rename(world.path("image.raw"), world.path("aside"));
  await writeFile(world.path("image.raw"), "");
  await expect(upload.run()).rejects.toMatchObject({ code: "IMAGE_SIZE" });
  await rename(world.path("aside"), world.path("image.raw"));
  await succeeds(upload);
  expect(world.server.requests.part).toBe(2);
});
