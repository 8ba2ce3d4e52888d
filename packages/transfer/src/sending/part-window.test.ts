import { beforeEach, expect, test } from "vitest";
import { MiB } from "../plan.js";
import type { PutAnswer } from "../ports.js";
import { sha256Of, type PutFault } from "../testing/fake-service.js";
import { aborted, neverAnswered, resetAfter, storeAnswers } from "../testing/faults.js";
import { sendAll } from "../testing/fake-store.js";
import { seededBytes } from "../testing/memory-ports.js";
import { theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

/** Memory for one part and five windows. */
const tight = { lanes: 6, memoryBytes: 10 * MiB } as const;
const image = seededBytes(31 * MiB + 3);
let bytes: Uint8Array;
let rig: Rig;

beforeEach(() => {
  bytes = image.slice();
  rig = new Rig(bytes);
  rig.source.mayReadTwice = true;
});

function changeByteOf(part: number): void {
  bytes[(part - 1) * 5 * MiB + 17]! ^= 1;
}

async function expectStored(): Promise<void> {
  expect(sha256Of(theImage(rig).bytes)).toBe(sha256Of(image));
  expect([...rig.open]).toEqual([]);
  expect(rig.clock.waiting).toBe(0);
}

test("parts that memory does not suffice for are sent at the same time as the others, within the budget", async () => {
  const atOnce = { now: 0, most: 0 };
  const slowly: PutFault = async (request, answer) => {
    atOnce.most = Math.max(atOnce.most, ++atOnce.now);
    await rig.clock.wait(1_000, request.signal);
    atOnce.now--;
    return answer();
  };
  rig.service.faults.put.push(...Array<PutFault>(7).fill(slowly));

  const { sha256 } = await rig.upload(tight);

  expect(sha256).toBe(sha256Of(image));
  expect(atOnce.most).toBe(6);
  expect(rig.allocatedBytes).toBe(10 * MiB);
  await expectStored();
});

test("lanes grow beyond the parts that fit into memory", async () => {
  const slowly: PutFault = async (request, answer) => {
    await rig.clock.wait(60_000, request.signal);
    return answer();
  };
  rig.service.faults.put.push(...Array<PutFault>(7).fill(slowly));
  const lanes: number[] = [];

  await rig.upload({ memoryBytes: 10 * MiB, onProgress: (told) => lanes.push(told.lanes) });

  expect(Math.max(...lanes)).toBeGreaterThan(2);
  await expectStored();
});

test("an upload whose source may not be read twice has as many lanes as parts fit into memory", async () => {
  rig.source.mayReadTwice = false;

  await expect(rig.upload(tight)).rejects.toMatchObject({ code: "INVALID_OPTION" });
});

test("an upload that was killed is resumed", async () => {
  const stop = new AbortController();
  rig.service.faults.put.push((_, answer) => answer());
  rig.service.faults.put.push((_, answer) => answer());
  rig.service.faults.put.push(async (request): Promise<PutAnswer> => {
    await rig.clock.wait(1_000, request.signal);
    stop.abort(new Error("killed"));
    return aborted(request.signal);
  });
  await expect(rig.upload({ ...tight, signal: stop.signal })).rejects.toThrow("killed");

  const { resumed, sentBytes } = await rig.upload(tight);

  expect(resumed).toBe(true);
  expect(sentBytes).toBeLessThan(image.length);
  await expectStored();
});

test("a part is read and sent again after its connection broke, was refused or had no answer", async () => {
  const reset = [0, 1, MiB, 3 * MiB, 5 * MiB].map(resetAfter);
  rig.service.faults.put.push(...reset, neverAnswered, storeAnswers(400, "BadDigest"));

  await rig.upload(tight);

  await expectStored();
});

test("a byte that changed after it was sent is found", async () => {
  rig.service.faults.put.push(...Array<PutFault>(3).fill((_, answer) => answer()));
  rig.service.faults.put.push(async (_, answer, part) => {
    const sent = await answer();
    changeByteOf(part);
    return sent;
  });

  await expect(rig.upload(tight)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

  expect(theImage(rig).wire.upload_status).not.toBe("completed");
});

test("a byte that changed after a part was sent without an answer is found, and the part is not sent whole again", async () => {
  rig.service.faults.put.push(...Array<PutFault>(3).fill((_, answer) => answer()));
  const whole: number[] = [];
  rig.service.faults.put.push(async (request, _, part) => {
    await sendAll(request);
    whole.push(part);
    changeByteOf(part);
    return resetAfter(0)(request, () => aborted(request.signal), part);
  });

  await expect(rig.upload(tight)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

  expect(rig.service.arrived).not.toContain(whole[0]);
});

test("a rate limit is kept", async () => {
  const fromMs = rig.clock.monotonicMs();

  await rig.upload({ ...tight, maxBytesPerSecond: 2 * MiB });

  expect(rig.clock.monotonicMs() - fromMs).toBeGreaterThan(13_000);
  await expectStored();
});

test("what reading the source throws while a part is sent ends the upload", async () => {
  rig.service.faults.put.push(...Array<PutFault>(3).fill((_, answer) => answer()));
  rig.service.faults.put.push(async (_, answer) => {
    rig.source.changed = true;
    return answer();
  });

  await expect(rig.upload(tight)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});
