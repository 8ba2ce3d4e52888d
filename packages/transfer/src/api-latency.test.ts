import { expect, test } from "vitest";
import { MiB } from "./plan.js";
import type { ApiFault, PutFault } from "./testing/fake-service.js";
import { seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";

const never = new AbortController().signal;
const partMs = 400;

/** When each part began to leave, over two lanes, where each call of the API takes so long. */
async function partsBegan(apiMs: number): Promise<number[]> {
  const rig = new Rig(seededBytes(40 * MiB));
  const began: number[] = [];
  const slowAnswer: ApiFault = async (answer) => {
    await rig.clock.wait(apiMs, never);
    return answer();
  };
  const slowPart: PutFault = async (_, answer) => {
    began.push(rig.clock.monotonicMs());
    await rig.clock.wait(partMs, never);
    return answer();
  };
  rig.service.faults.partUrl = Array.from({ length: 8 }, () => slowAnswer);
  rig.service.faults.put = Array.from({ length: 8 }, () => slowPart);
  await rig.upload({ lanes: 2 });
  return began.map((ms) => ms - began[0]!);
}

test.each([0, 100, 300])(
  "an API that takes %i ms holds up the first parts only: the others' URLs are there when a lane is free",
  async (apiMs) => {
    expect(await partsBegan(apiMs)).toEqual([0, 0, 1, 1, 2, 2, 3, 3].map((n) => n * partMs));
  },
);
