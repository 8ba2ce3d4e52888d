import { expect, test, vi } from "vitest";
import { MiB } from "@img/transfer";
import { fastClock } from "../testing/fast-clock.js";
import { directions, succeeds, transferOf } from "../testing/moving.js";
import { partBytes, seededBytes } from "../testing/seeded.js";
import { openWorld } from "../testing/world.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

const objectOf = { upload: "part", download: "download" } as const;

// fault O01
test.each([403, 503, 200])(
  "%i before the body is through, socket left open and unread: the lane is free, and it is no receipt",
  async (status) => {
    const world = await openWorld();
    const upload = await transferOf(world, "upload", seededBytes("long", 12 * MiB));
    world.server.faults.add({ on: "part", nth: 1, ...early(status, "hold") });
    fastClock.run(20);
    await succeeds(upload, { lanes: 1, partBytes: 12 * MiB });
    expect(world.server.requests.part).toBe(2);
  },
);

// fault O01
test("413 before the body is through, socket left open and unread: the status is kept", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload", seededBytes("long", 12 * MiB));
  world.server.faults.add({ on: "part", times: Infinity, ...early(413, "hold") });
  await expect(upload.run({ partBytes: 12 * MiB })).rejects.toMatchObject({
    code: "PART_REFUSED",
    status: 413,
  });
  expect(world.server.requests.complete).toBe(0);
});

// fault O02
test.each([403, 413, 503, 200])(
  "%i before the body is through, then RST: no uncaught exception",
  async (status) => {
    const world = await openWorld();
    const upload = await transferOf(world, "upload", seededBytes("long", 12 * MiB));
    world.server.faults.add({ on: "part", nth: 1, ...early(status, "reset") });
    fastClock.run(20);
    // Whether the answer or the RST is seen first is a matter of luck.
    await upload.run({ partBytes: 12 * MiB }).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "PART_REFUSED", status: 413 });
    });
    await succeeds(upload, { ifNameTaken: "verify" });
  },
);

// fault O05
test.each(directions)(
  "%s: 503 SlowDown 50 times: fewer lanes, then it succeeds",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, seededBytes("four", 4 * partBytes));
    const fault = world.server.faults.add({
      on: objectOf[direction],
      nth: 2,
      times: 50,
      do: "answer",
      status: 503,
    });
    fastClock.run(400);
    await succeeds(transfer, { retryBudgetMs: 36_000_000 });
    expect(fault.hits).toBe(50);
    const moving = world.told.filter(({ phase }) => phase === "moving");
    expect(Math.min(...moving.slice(1, -1).map(({ lanes }) => lanes))).toBeLessThan(4);
  },
);

// fault O06
test.each(
  directions.flatMap(
    (direction) =>
      [
        [direction, "in seconds", "7", 4 * 7_000, Infinity],
        [
          direction,
          "as a date",
          new Date(Date.now() + 3_600_000).toUTCString(),
          4 * 60_000,
          Infinity,
        ],
        [direction, "in the past", "Sun, 06 Nov 1994 08:49:37 GMT", 0, 200_000],
        [direction, "of 10^9 s", "1000000000", 4 * 60_000, 10_000_000],
        [direction, "of garbage", "soon, -3", 0, 200_000],
      ] as const,
  ),
)(
  "%s: 429, 500, 502 and 504 with a Retry-After %s: it waits a clamped time, and succeeds",
  async (direction, _, retryAfter, leastMs, mostMs) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, seededBytes("one", 100_000));
    for (const status of [429, 500, 502, 504]) {
      const headers = { "Retry-After": retryAfter };
      world.server.faults.add({ on: objectOf[direction], do: "answer", status, headers });
    }
    fastClock.run(leastMs === 0 ? 20 : 200); // a busy machine's own time counts as much
    const { elapsedMs } = await succeeds(transfer);
    // A download waits for its first byte before its clock is looked at, too.
    expect(elapsedMs).toBeGreaterThanOrEqual(leastMs);
    expect(elapsedMs).toBeLessThan(mostMs);
  },
);

// fault O07
test("400 RequestTimeout is tried again", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", do: "answer", status: 400, code: "RequestTimeout" });
  fastClock.run(20);
  await succeeds(upload, { lanes: 1 });
  expect(world.server.requests.part).toBe(3);
});

// fault O08
test("400 BadDigest: the part is read again from the source and sent", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", do: "answer", status: 400, code: "BadDigest" });
  await succeeds(upload, { lanes: 1 });
  expect(world.server.requests.part).toBe(3);
});

// fault O08
test("400 BadDigest twice for one part is an error, and the next run resumes", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  const badDigest = { do: "answer", status: 400, code: "BadDigest" } as const;
  world.server.faults.add({ on: "part", partId: 2, times: 2, ...badDigest });
  await expect(upload.run()).rejects.toMatchObject({ code: "PART_REFUSED", part: 2, status: 400 });
  await succeeds(upload);
  expect(world.server.requests.create).toBe(1);
});

// fault O09
test.each(directions)(
  "%s: 403, the URL has expired: minted again, which costs no retry",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    const fault = world.server.faults.add({ on: objectOf[direction], nth: 2, ...expired });
    vi.spyOn(Math, "random").mockReturnValue(1e6); // any backoff outlasts the test
    await succeeds(transfer);
    expect(fault.hits).toBe(1);
  },
);

// fault O10
test.each(directions)(
  "%s: 403 on three fresh URLs is an error, and the next run resumes",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    world.server.faults.add({ on: objectOf[direction], times: Infinity, ...expired });
    await expect(transfer.run({ lanes: 1 })).rejects.toMatchObject({
      code: "PART_REFUSED",
      status: 403,
      message: expect.stringContaining("AccessDenied") as string,
    });
    expect(world.server.requests[objectOf[direction]]).toBe(3);
    expect(world.server.requests.complete).toBe(direction === "upload" ? 0 : 1);
    world.server.faults.clear();
    await succeeds(transfer);
  },
);

// fault O11
test.each(directions)(
  "%s: a URL that expires while it is used runs on, and is minted again after a drop",
  async (direction) => {
    let aheadMs = 0;
    const world = await openWorld({ clock: () => Date.now() + aheadMs });
    const transfer = await transferOf(world, direction);
    const expire = (): boolean => {
      setImmediate(() => (aheadMs += 7_200_000));
      return true;
    };
    const object = objectOf[direction];
    world.server.faults.add({ on: object, nth: 2, only: expire, do: "delay", ms: 20 });
    world.server.faults.add({ on: object, nth: 2, only: expire, do: "reset", afterBytes: 50_000 });
    fastClock.run(20);
    await succeeds(transfer, { lanes: 1 });
  },
);

// fault O12
test("a store that resets every try at byte k ends the budget, and the next run resumes", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  const reset = { do: "reset", afterBytes: 200_000 } as const;
  const fault = world.server.faults.add({ on: "part", times: Infinity, ...reset });
  fastClock.run(20);
  await expect(upload.run({ retryBudgetMs: 20_000 })).rejects.toMatchObject({
    code: "NO_PROGRESS",
  });
  expect(fault.hits).toBeGreaterThan(3);
  world.server.faults.clear();
  await succeeds(upload);
  expect(world.server.requests.create).toBe(1);
});

// fault O12
test("a store that cuts every answer of a download at byte k, but gets further, succeeds", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  const cut = { do: "reset", afterBytes: 1_000_000 } as const;
  world.server.faults.add({ on: "download", nth: 1, times: 5, ...cut });
  fastClock.run(20);
  await succeeds(download, { lanes: 1, retryBudgetMs: 20_000 });
});

// fault O13
test("a store that answers each try after 40 s is waited for, longer at each try", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload", seededBytes("one", 100_000));
  world.server.faults.add({ on: "part", times: Infinity, do: "delay", ms: 1_600 });
  fastClock.run(25);
  await succeeds(upload, { lanes: 1 });
  expect(world.server.requests.part).toBe(2);
});

// fault O14
test("404 NoSuchUpload is an error or a new upload, and never completes", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", nth: 2, times: 2, do: "answer", status: 404 });
  await expect(upload.run({ lanes: 1 })).rejects.toMatchObject({ code: "UPLOAD_LOST" });
  expect(world.server.requests.complete).toBe(0);
  await succeeds(upload, { ifImageGone: "restart" });
  expect(world.server.requests.create).toBe(2);
});

// fault O15
test("200 without ETag is not a receipt", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", do: "headers", headers: { ETag: null } });
  fastClock.run(20);
  await succeeds(upload, { lanes: 1 });
  expect(world.server.requests.part).toBe(3);
});

// fault O15
test("200 without ETag, always, is an error, and never completes", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  const noEtag = { do: "headers", headers: { ETag: null } } as const;
  world.server.faults.add({ on: "part", times: Infinity, ...noEtag });
  fastClock.run(20);
  await expect(upload.run()).rejects.toMatchObject({
    code: "PART_REFUSED",
    message: expect.stringContaining("no ETag") as string,
  });
  expect(world.server.requests.complete).toBe(0);
});

// fault O18
test.each(["none", "md5"] as const)(
  'an opaque ETag is a receipt, verifyParts: "%s"',
  async (verifyParts) => {
    const world = await openWorld();
    const upload = await transferOf(world, "upload");
    const opaque = { do: "headers", headers: { ETag: '"opaque-1"' } } as const;
    world.server.faults.add({ on: "part", times: Infinity, ...opaque });
    await succeeds(upload, { lanes: 1, verifyParts });
    expect(world.server.requests.part).toBe(2);
  },
);

const noMd5 = { do: "headers", headers: { ETag: `"${"0".repeat(32)}"` } } as const;

// fault O18
test("an ETag of MD5 shape that is not the part's MD5, once, with verifyParts: sent again", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", partId: 1, ...noMd5 });
  await succeeds(upload, { lanes: 1, verifyParts: "md5" });
  expect(world.server.requests.part).toBe(3);
});

// fault O18
test("an ETag of MD5 shape that is not the part's MD5, twice, with verifyParts: an error that names KMS", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", partId: 1, times: Infinity, ...noMd5 });
  await expect(upload.run({ verifyParts: "md5" })).rejects.toMatchObject({
    code: "PART_REFUSED",
    message: expect.stringContaining("KMS") as string,
  });
  expect(world.server.requests.complete).toBe(0);
  await succeeds(upload);
});

// fault O18
test("an ETag of MD5 shape that is not the part's MD5 is a receipt without verifyParts", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", times: Infinity, ...noMd5 });
  await succeeds(upload);
});

const expired = { do: "answer", status: 403, code: "AccessDenied" } as const;

const early = (status: number, socket: "hold" | "reset") =>
  ({
    do: "answer",
    status,
    when: "early",
    socket,
    ...(status === 200 ? { headers: { ETag: '"0123456789abcdef0123456789abcdef"' } } : {}),
  }) as const;
