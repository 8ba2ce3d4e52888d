import { readFile } from "node:fs/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { PartMemory } from "../../transfer/src/run/part-memory.js";
import { createTransfers, type SharedOptions, type Transfers } from "./create-transfers.js";
import { runChild } from "./testing/child.js";
import { requestsAtOnce } from "./testing/requests-at-once.js";
import { MiB, partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { countSharedMemory } from "./testing/shared-memory.js";
import { openWorld, type World } from "./testing/world.js";

/** Transfers to the server of a world, which are closed at the end. */
const sharing = <T>(
  world: World,
  options: SharedOptions,
  work: (transfers: Transfers) => Promise<T>,
): Promise<T> =>
  world.watched({}, async () => {
    const { client, stateDir } = world;
    const transfers = createTransfers({ client, stateDir, ...options });
    try {
      return await work(transfers);
    } finally {
      await transfers.close();
    }
  });

/** Files of so many bytes each, and their paths. */
const filesOf = (world: World, name: string, count: number, bytes: number): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) => {
      const file = `${name}-${index}.img`;
      return world.file(file, seededBytes(file, bytes));
    }),
  );

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

async function expectStored(world: World, path: string, id: string): Promise<void> {
  expect([path, await world.storedSha256(id)]).toEqual([path, sha256Of(await readFile(path))]);
}

test("many files arrive whole, over no more connections and requests at once than lanes", async () => {
  const world = await openWorld();
  const puts = requestsAtOnce("PUT");
  const paths = [
    ...(await filesOf(world, "small", 12, 300_000)),
    ...(await filesOf(world, "large", 2, 11 * MiB)),
  ];

  const results = await sharing(world, { lanes: 3 }, (transfers) =>
    Promise.all(paths.map((path) => transfers.upload(path, { partBytes }))),
  );

  for (const [index, { image }] of results.entries()) {
    await expectStored(world, paths[index]!, image.id);
  }
  expect(puts.most).toBe(3);
  expect(world.proxy.accepted).toBeLessThanOrEqual(3);
});

test("the parts of all transfers together fit into memoryBytes", async () => {
  const world = await openWorld();
  const memory = countSharedMemory(partBytes);
  const paths = await filesOf(world, "disk", 4, 11 * MiB);

  const results = await sharing(world, { memoryBytes: 2 * partBytes }, (transfers) =>
    Promise.all(paths.map((path) => transfers.upload(path, { partBytes }))),
  );

  expect(memory.bytes).toBeLessThanOrEqual(2 * partBytes);
  for (const [index, { image }] of results.entries()) {
    await expectStored(world, paths[index]!, image.id);
  }
});

/** Counts the buffers that transfers have at the same time, of those that were asked for and not given back. */
function buffersInUse(): { readonly mostBytes: number; readonly granted: number } {
  const used = new Set<Uint8Array>();
  let [mostBytes, granted] = [0, 0];
  const { ask, giveBack } = Object.getOwnPropertyDescriptors(PartMemory.prototype);
  vi.spyOn(PartMemory.prototype, "ask").mockImplementation(function (this: PartMemory, asking) {
    const settle: typeof asking.settle = (answer) => {
      if (answer instanceof Uint8Array) used.add(answer);
      granted++;
      mostBytes = Math.max(
        mostBytes,
        [...used].reduce((sum, { length }) => sum + length, 0),
      );
      asking.settle(answer);
    };
    return ask.value!.call(this, { ...asking, settle });
  });
  vi.spyOn(PartMemory.prototype, "giveBack").mockImplementation(function (this: PartMemory, one) {
    used.delete(one);
    giveBack.value!.call(this, one);
  });
  onTestFinished(() => void vi.restoreAllMocks());
  return {
    get mostBytes() {
      return mostBytes;
    },
    get granted() {
      return granted;
    },
  };
}

test("many transfers together have no more buffers than memoryBytes at any moment", async () => {
  const world = await openWorld();
  const paths = await filesOf(world, "disk", 10, partBytes + MiB);
  const memoryBytes = 3 * partBytes;
  const buffers = buffersInUse();

  await sharing(world, { memoryBytes, lanes: 3 }, (transfers) =>
    Promise.all(paths.map((path) => transfers.upload(path, { partBytes }))),
  );

  expect(buffers.granted).toBeGreaterThanOrEqual(10); // each transfer keeps one for its parts
  expect(buffers.mostBytes).toBeGreaterThan(partBytes);
  expect(buffers.mostBytes).toBeLessThanOrEqual(memoryBytes);
});

test("small files do not wait for the end of a large one that came first", async () => {
  const world = await openWorld();
  const [large] = await filesOf(world, "large", 1, 12 * MiB);
  const small = await filesOf(world, "small", 10, 100_000);
  const held = world.server.faults.add({ on: "part", partId: 2, do: "stall", times: Infinity });
  const done: string[] = [];

  await sharing(world, { lanes: 2 }, async (transfers) => {
    const first = transfers
      .upload(large!, { partBytes, stallMs: 1_000 })
      .then(() => done.push(large!));
    await Promise.all(small.map((path) => transfers.upload(path).then(() => done.push(path))));
    held.remove();
    await first;
  });

  expect([done.length, done.at(-1)]).toEqual([11, large]);
});

test("a large file does not wait for the end of small ones that keep coming", async () => {
  const world = await openWorld();
  const [large] = await filesOf(world, "large", 1, 40 * MiB);
  const [path] = await filesOf(world, "small", 1, 1_000);
  let isDone = false;
  let small = 0;

  await sharing(world, { lanes: 1 }, async (transfers) => {
    const first = transfers.upload(large!, { partBytes }).then(() => (isDone = true));
    const keepComing = async (): Promise<void> => {
      while (!isDone && small < 500) await transfers.upload(path!, { name: `small-${small++}` });
    };
    await Promise.all([first, keepComing(), keepComing(), keepComing()]);
  });

  expect(small).toBeLessThan(500);
});

test("60 files under faults: one name is taken, a killed run is resumed, and the others arrive", async () => {
  const world = await openWorld();
  const { stateDir, server } = world;
  const paths = await filesOf(world, "disk", 60, 50_000);
  await world.image("disk-30.img", seededBytes("another", 1_000));
  server.faults.add({ on: "part", do: "answer", status: 503, nth: 3, times: 4 });
  server.faults.add({ on: "part", do: "reset", afterBytes: 10_000, nth: 10, times: 3 });
  server.faults.add({ on: "complete", do: "lose-answer", nth: 5 });
  const half = server.faults.add({ on: "complete", do: "stall", nth: 25, times: Infinity });
  const child = runChild(
    world,
    `((transfers) => Promise.all(${JSON.stringify(paths)}.map((path) => transfers.upload(path))))
      (img.createTransfers({ stateDir: ${JSON.stringify(stateDir)} }))`,
  );
  await expect.poll(() => half.hits, { timeout: 30_000 }).toBeGreaterThan(2);
  await child.kill();
  half.remove();
  const sentBefore = server.requests.part;

  const results = await sharing(world, {}, (transfers) =>
    Promise.allSettled(paths.map((path) => transfers.upload(path))),
  );

  const failed = results.flatMap((result) => (result.status === "rejected" ? [result] : []));
  expect(failed).toMatchObject([{ reason: { code: "NAME_TAKEN" } }]);
  expect(sentBefore).toBeGreaterThan(20);
  for (const [index, result] of results.entries()) {
    if (result.status === "rejected") continue;
    await expectStored(world, paths[index]!, result.value.image.id);
  }
});

test("uploads, downloads and verifications share one budget", async () => {
  const world = await openWorld();
  const requests = requestsAtOnce("GET");
  const paths = await filesOf(world, "disk", 3, 7 * MiB);

  await sharing(world, { lanes: 2 }, async (transfers) => {
    const uploads = await Promise.all(paths.map((path) => transfers.upload(path, { partBytes })));
    await Promise.all(
      uploads.flatMap(({ image }, index) => [
        transfers.download(image.id, world.path(`back-${index}`), { partBytes }),
        transfers.verify(paths[index]!, image.name, { partBytes }),
      ]),
    );
  });

  for (const [index, path] of paths.entries()) {
    const [back, sent] = await Promise.all([readFile(world.path(`back-${index}`)), readFile(path)]);
    expect(back.equals(sent)).toBe(true);
  }
  expect(requests.most).toBeGreaterThan(1);
});

test("an interrupted upload is listed, resumed and forgotten by its name", async () => {
  const world = await openWorld();
  const paths = await filesOf(world, "disk", 2, 7 * MiB);
  const held = world.server.faults.add({ on: "part", partId: 2, do: "stall", times: Infinity });

  await sharing(world, {}, async (transfers) => {
    const stop = new AbortController();
    const arrived: number[] = [];
    const onPart = (): void => {
      if (arrived.push(1) === 2) stop.abort(new Error("stopped"));
    };
    const options = { partBytes, onPart, signal: stop.signal };
    for (const result of await Promise.allSettled(
      paths.map((path) => transfers.upload(path, options)),
    )) {
      expect(result).toMatchObject({ reason: { message: "stopped" } });
    }
    held.remove();
    const names = paths.map(nameOf);
    const listed = await transfers.list();
    expect(listed.map(({ key }) => key.name).sort()).toEqual(names);

    const { resumed } = await transfers.resume(names[0]!);
    await transfers.forget(names[1]!, { deleteImage: true });

    expect(resumed).toBe(true);
    expect(await transfers.list()).toEqual([]);
  });
});

test("close ends what runs and what waits, and later calls are refused", async () => {
  const world = await openWorld();
  const paths = await filesOf(world, "disk", 12, 50_000);
  const held = world.server.faults.add({ on: "part", do: "stall", times: Infinity });

  await sharing(world, {}, async (transfers) => {
    const running = Promise.allSettled(paths.map((path) => transfers.upload(path)));
    await expect.poll(() => held.hits).toBeGreaterThan(2);
    await transfers.close();
    for (const result of await running) {
      expect(result).toMatchObject({ status: "rejected", reason: { name: "AbortError" } });
    }
    await expect(transfers.upload(paths[0]!)).rejects.toMatchObject({ name: "AbortError" });
    await transfers[Symbol.asyncDispose]();
  });
});

test("a wrong option is refused before anything is done", () => {
  expect(() => createTransfers({ lanes: 0 })).toThrow("lanes");
  expect(() => createTransfers({ threads: 17 })).toThrow("threads");
});
