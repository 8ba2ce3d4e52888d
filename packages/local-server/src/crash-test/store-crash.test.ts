import { expect, test } from "vitest";
import { Random } from "../../../files/src/crash-test/random.js";
import { sweepFaults, sweepPowerLoss } from "../../../files/src/crash-test/sweep.js";
import { storeScenario } from "./store-scenario.js";

/** IMG_CRASH_STATES=1000000 continues with other histories until this many crashes were recovered from. */
const wanted = Number(process.env.IMG_CRASH_STATES ?? 1500);
const steps = 8;

/** Sweeps one history after the other, until there were enough crashes. */
async function sweepUntil(what: string, sweep: (seed: number) => Promise<number>): Promise<number> {
  const startedMs = performance.now();
  let [states, seed] = [0, 0];
  for (; states < wanted; seed++) {
    try {
      states += await sweep(seed);
    } catch (cause) {
      throw new Error(`${what}, history ${seed}`, { cause });
    }
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`folder store, ${what}: ${states} crash states of ${seed} histories in ${seconds} s`);
  return states;
}

const promise =
  "a completed image is whole, an acknowledged part is there, a name has one live image";

test(`SIGKILL, EIO or a short write at every I/O operation n: ${promise}`, async () => {
  const sweep = (seed: number) =>
    sweepFaults(storeScenario(seed, steps), { second: { each: 97, stride: 7 } });
  expect(await sweepUntil("faults", sweep)).toBeGreaterThanOrEqual(wanted);
}, 3_600_000);

test(`power loss at every operation: ${promise}`, async () => {
  const sweep = (seed: number) => {
    const random = new Random(seed);
    const second = { most: 4, seeds: 2, random, each: 97 };
    return sweepPowerLoss(storeScenario(seed, steps), { most: 24, seeds: 6, random }, second);
  };
  expect(await sweepUntil("power loss", sweep)).toBeGreaterThanOrEqual(wanted);
}, 3_600_000);
