import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "./plan.js";
import { sha256Of, type GetFault, type PutFault } from "./testing/fake-service.js";
import { later, storeAnswers, storeRefusesGet } from "./testing/faults.js";
import { seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";
import { SavableDigests } from "./testing/savable-digest.js";

const bytes = seededBytes(20 * MiB);
const sha256 = sha256Of(bytes);
const part = (number: number): string => `${(number - 1) * 5 * MiB}+${5 * MiB}`;
const passed: PutFault = (_, answer) => answer();
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

describe.each([
  ["takes the parts from memory", false],
  ["reads the file itself", true],
])("an upload whose digest can be saved, and %s,", (_, prefersFile) => {
  let digests: SavableDigests;

  beforeEach(() => {
    digests = new SavableDigests(() => rig.source.bytes, prefersFile);
    rig.openDigest = digests.open;
  });

  async function sendTwoParts(): Promise<void> {
    const refused = later(rig.clock, storeAnswers(400, "Nonsense"));
    rig.service.faults.put.push(passed, passed, refused);
    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
    expect(digests.hashed.splice(0).slice(0, 2)).toEqual([part(1), part(2)]);
  }

  test("hashes each part once", async () => {
    expect(await rig.upload()).toMatchObject({ sha256 });
    expect(digests.hashed).toEqual([1, 2, 3, 4].map(part));
    expect(digests.fromFile).toEqual(prefersFile ? digests.hashed : []);
  });

  test("hashes nothing twice that has a receipt when it is resumed", async () => {
    await sendTwoParts();
    expect(await rig.upload()).toMatchObject({ sha256, sentBytes: 10 * MiB });
    expect(digests.hashed).toEqual([3, 4].map(part));
  });

  test("resumes from no state that is ahead of the receipts", async () => {
    rig.service.faults.put.push(storeAnswers(400, "Nonsense"), passed, passed, passed);
    await expect(rig.upload({ lanes: 4 })).rejects.toMatchObject({ code: "PART_REFUSED" });
    digests.hashed.splice(0);
    expect(await rig.upload()).toMatchObject({ sha256 });
    expect(digests.hashed).toEqual([1, 2, 3, 4].map(part));
  });

  test("hashes all of a file again that was touched", async () => {
    await sendTwoParts();
    rig.source.identity = { mtime: "2" };
    expect(await rig.upload()).toMatchObject({ sha256, sentBytes: 10 * MiB });
    expect(digests.hashed).toEqual([1, 2, 3, 4].map(part));
  });
});

test("an upload whose lane read other bytes than its digest did is never completed", async () => {
  rig.openDigest = new SavableDigests(() => rig.source.bytes, true).open;
  const read = rig.source.read.bind(rig.source);
  rig.source.read = async (offset, into, signal) => {
    await read(offset, into, signal);
    if (offset === 5 * MiB) into[7]! ^= 1;
  };
  await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});

test("a download whose digest can be saved hashes nothing twice when it is resumed", async () => {
  await rig.upload();
  const digests = new SavableDigests(() => rig.sink.part, true);
  rig.digestOfSink = digests.open;
  const right: GetFault = (_, answer) => answer();
  const refused = later(rig.clock, storeRefusesGet(400, "Nonsense"));
  rig.service.faults.getBytes.push(right, right, refused);
  await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
  const before = digests.hashed.splice(0);
  expect(before.length).toBeGreaterThan(0);

  expect(await rig.download("disk")).toMatchObject({ sha256, verified: true, resumed: true });
  expect([...before, ...digests.hashed]).toEqual([1, 2, 3, 4].map(part));
});
