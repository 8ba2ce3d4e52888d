import { afterAll, expect, test } from "vitest";
import { reachable, Simulation, type Link } from "./testing/made-up-link.js";

const megabit = 1e6 / 8;
const maxLanes = 16; // what 256 MiB of memory allow for parts of 16 MiB

const speeds = [1, 10, 100, 1_000, 10_000, 100_000];
const roundTrips = [1, 20, 100, 300];
const plain: Link[] = speeds.flatMap((megabits) =>
  roundTrips.map((rttMs) => ({
    name: `${megabits} Mbit/s, ${rttMs} ms`,
    bytesPerSecond: megabits * megabit,
    rttMs,
  })),
);

const odd: Link[] = [
  {
    name: "10 Gbit/s, 20 ms, 10 MB/s a connection",
    bytesPerSecond: 10_000 * megabit,
    rttMs: 20,
    connectionBytesPerSecond: 10e6,
  },
  {
    name: "1 Gbit/s, 50 ms, 1 MB/s a connection",
    bytesPerSecond: 1_000 * megabit,
    rttMs: 50,
    connectionBytesPerSecond: 1e6,
  },
  { name: "1 Gbit/s, 50 ms, 0.1% lost", bytesPerSecond: 1_000 * megabit, rttMs: 50, loss: 1e-3 },
  ...[5, 8, 12].map((storeTakes) => ({
    name: `10 Gbit/s, 20 ms, 20 MB/s a connection, 503 above ${storeTakes}`,
    bytesPerSecond: 10_000 * megabit,
    rttMs: 20,
    connectionBytesPerSecond: 20e6,
    storeTakes,
  })),
  {
    name: "1 Gbit/s, 20 ms, 503 above 6",
    bytesPerSecond: 1_000 * megabit,
    rttMs: 20,
    storeTakes: 6,
  },
];

/** Links on which a connection moves so little that it takes longer to tell what a lane brings. */
const slow: Link[] = [
  { name: "1 Gbit/s, 200 ms, 0.1% lost", bytesPerSecond: 1_000 * megabit, rttMs: 200, loss: 1e-3 },
  { name: "100 Mbit/s, 100 ms, 1% lost", bytesPerSecond: 100 * megabit, rttMs: 100, loss: 0.01 },
  {
    name: "10 Gbit/s, 20 ms, 20 MB/s a connection, 503 above 2",
    bytesPerSecond: 10_000 * megabit,
    rttMs: 20,
    connectionBytesPerSecond: 20e6,
    storeTakes: 2,
  },
];

const table: Record<string, string | number>[] = [];
const seeds = [1, 2, 3, 4, 5];
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

function expectMostIsUsed(link: Link, afterMs: number): void {
  const runs = seeds.map((seed) => {
    const simulation = new Simulation(link, maxLanes, seed);
    simulation.run(afterMs);
    const { lanes } = simulation.pace;
    return { lanes, share: simulation.run(5_000) / reachable(link, maxLanes) };
  });
  const share = median(runs.map((run) => run.share));
  const lanes = runs.map((run) => run.lanes).join(" ");
  table.push({ link: `${link.name}, after ${afterMs / 1000} s`, lanes, share });
  expect(share).toBeGreaterThan(0.9);
}

test.each([...plain, ...odd])("$name: after 10 s most of it is used", (link) => {
  expectMostIsUsed(link, 10_000);
});

test.each(slow)("$name: after 60 s most of it is used", (link) => {
  expectMostIsUsed(link, 60_000);
});

afterAll(() => {
  const lines = table.map(
    ({ link, lanes, share }) => `${Number(share).toFixed(2)}  ${String(link)}  (lanes ${lanes})`,
  );
  console.info(["share of what can be reached, over 5 s", ...lines].join("\n"));
});
