import { afterAll, expect, test } from "vitest";
import { MiB } from "./plan.js";
import { reachable, Simulation, type Link } from "./testing/made-up-link.js";
import type { Machine } from "./testing/made-up-machine.js";

const gigabit = 1e9 / 8;
const maxLanes = 16; // what 256 MiB of memory allow for parts of 16 MiB

/** One thread of TLS, and one of SHA-256 on a processor that has instructions for it (measured). */
const machine = (threads: number): Machine => ({
  threads,
  threadBytesPerSecond: 1_000 * MiB,
  digestBytesPerSecond: 1_600 * MiB,
});

const links: Link[] = [1, 10, 25].flatMap((gigabits) => [
  { name: `${gigabits} Gbit/s, 1 ms`, bytesPerSecond: gigabits * gigabit, rttMs: 1 },
  { name: `${gigabits} Gbit/s, 20 ms`, bytesPerSecond: gigabits * gigabit, rttMs: 20 },
  {
    name: `${gigabits} Gbit/s, 20 ms, 90 MB/s a connection`,
    bytesPerSecond: gigabits * gigabit,
    rttMs: 20,
    connectionBytesPerSecond: 90e6,
  },
]);

const table: string[] = [];

test.each(links.flatMap((link) => [1, 2, 4].map((threads) => ({ link, threads }))))(
  "$link.name, $threads threads: after 20 s most of what link, threads and digest allow is used",
  ({ link, threads }) => {
    const most = reachable(link, maxLanes, machine(threads));
    const simulation = new Simulation(link, maxLanes, 1, machine(threads));
    simulation.run(20_000);
    const bytesPerSecond = simulation.run(5_000);
    const share = (bytesPerSecond / most).toFixed(2);
    const rate = `${Math.round(bytesPerSecond / MiB)} MiB/s`;
    table.push(
      `${share}  ${link.name}, ${threads} threads: ${rate} (lanes ${simulation.pace.lanes})`,
    );
    expect(bytesPerSecond / most).toBeGreaterThan(0.9);
  },
);

afterAll(() => {
  console.info(["share of what can be reached, over 5 s", ...table].join("\n"));
});
