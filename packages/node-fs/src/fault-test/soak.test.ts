import { rm } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { addChaos, type AddedFault } from "@img/local-server";
import { expect, test, vi } from "vitest";
import { Random } from "../../../files/src/crash-test/random.js";
import { fastClock } from "../testing/fast-clock.js";
import { MiB, seededBytes, sha256Of } from "../testing/seeded.js";
import { shortenApiTimeout } from "../testing/short-api-timeout.js";
import { soakChaos, soakScript } from "../testing/soak-faults.js";
import { openWorld, sha256OfFile, type World } from "../testing/world.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

/** `npm run soak -- --gib 2 --fault-rate 0.01 --seed 7 --seeds 1` sets these. */
const moveMiB = Number(process.env["IMG_SOAK_GIB"] ?? 0.25) * 1024;
const rate = Number(process.env["IMG_SOAK_RATE"] ?? 0.05);
const firstSeed = Number(process.env["IMG_SOAK_SEED"] ?? 1);
const seeds = Array.from(
  { length: Number(process.env["IMG_SOAK_SEEDS"] ?? 2) },
  (_, index) => firstSeed + index,
);

const imageMiB = 32;
const mostRuns = 50;
/** What may end a run under these faults; the next one resumes. Anything else is a bug. */
const goesOn = /^(NO_PROGRESS|TRANSPORT|PART_REFUSED|API_REFUSED|NOT_AUTHORIZED|STOPPED)$/;

interface Totals {
  runs: number;
  movedMiB: number;
  readonly rssMiB: number[];
}

test.each(seeds)(
  "seed %i: whatever happens, what is stored and what comes back is the same, and memory stays flat",
  async (seed) => {
    const world = await openWorld();
    const numbers = new Random(seed);
    const random = (): number => numbers.below(1e6) / 1e6;
    const faults = addChaos(world.server.faults, soakChaos(seed, rate));
    world.proxy.script(() => soakScript(random, rate));
    fastClock.run(40);
    shortenApiTimeout();
    const totals: Totals = { runs: 0, movedMiB: 0, rssMiB: [] };
    collectGarbage();
    const before = process.memoryUsage();

    for (let round = 1; totals.movedMiB < moveMiB; round++) {
      await thereAndBack(world, `${seed}-${round}`, random, totals);
      collectGarbage();
      totals.rssMiB.push(process.memoryUsage().rss / MiB);
    }

    const after = process.memoryUsage();
    tell(seed, totals, faults);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 * imageMiB * MiB);
    if (totals.movedMiB >= 1_024) expect(slope(totals)).toBeLessThan(32);
  },
  Math.max(120_000, moveMiB * 1_000),
);

/** One image up, down, compared, and deleted. Each way is run again until it is through. */
async function thereAndBack(
  world: World,
  name: string,
  random: () => number,
  totals: Totals,
): Promise<void> {
  const bytes = seededBytes(name, imageMiB * MiB - Math.floor(random() * MiB));
  const sha256 = sha256Of(bytes);
  const path = await world.file(name, bytes);
  const target = world.path(`${name}.copy`);
  const up = await untilDone(random, totals, (signal) =>
    world.upload(path, { signal, verifyParts: "md5" }),
  );
  expect(up.sha256).toBe(sha256);
  const down = await untilDone(random, totals, (signal) =>
    world.download(up.image.id, target, { signal }),
  );
  expect(down).toMatchObject({ verified: true, sha256 });
  expect(await sha256OfFile(target)).toBe(sha256);
  totals.movedMiB += 2 * imageMiB;
  await vi.waitFor(() => world.api("DELETE", `/${up.image.id}`), 40_000);
  await Promise.all([rm(path), rm(target)]);
}

/** Some runs are stopped by the caller; after each that did not end well comes another one. */
async function untilDone<T>(
  random: () => number,
  totals: Totals,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let left = mostRuns; ; left--) {
    totals.runs++;
    const stop = new AbortController();
    const isStopped = random() < 2 * rate;
    const timer = setTimeout(
      () => stop.abort(Object.assign(new Error("stopped"), { code: "STOPPED" })),
      isStopped ? random() * 300 : 600_000,
    );
    try {
      return await run(stop.signal);
    } catch (error) {
      if (left === 0 || !goesOn.test(String((error as { code?: unknown }).code))) throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** MiB that the process grew by with each GiB that was moved: the last third against the first. */
function slope({ rssMiB, movedMiB }: Totals): number {
  const third = Math.max(1, Math.floor(rssMiB.length / 3));
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return (
    (mean(rssMiB.slice(-third)) - mean(rssMiB.slice(0, third))) / ((movedMiB / 1024) * (2 / 3))
  );
}

function tell(seed: number, totals: Totals, faults: readonly AddedFault[]): void {
  const hits = faults.reduce((sum, fault) => sum + fault.hits, 0);
  const rss = totals.rssMiB.map(Math.round);
  console.info(
    `seed ${seed}: ${totals.movedMiB} MiB, ${hits} faults, ${totals.runs} runs, ` +
      `RSS ${rss[0]} to ${rss.at(-1)} MiB, ${slope(totals).toFixed(1)} MiB per GiB`,
  );
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
