import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "./plan.js";
import { sha256Of } from "./testing/fake-service.js";
import { answered, resetAfter } from "./testing/faults.js";
import { seededBytes } from "./testing/memory-ports.js";
import { stopAfterFirstPart, theImage } from "./testing/one-upload.js";
import { Rig } from "./testing/rig.js";
import { describeJournal } from "./unfinished.js";

const bytes = seededBytes(10 * MiB + 3);
const sha256 = sha256Of(bytes);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

describe("a fresh upload", () => {
  test("sends each part once, completes the image with the digest and keeps the proof of it", async () => {
    const result = await rig.upload();

    expect(result).toMatchObject({ sha256, sizeBytes: bytes.length, sentBytes: bytes.length });
    expect(result.resumed).toBe(false);
    expect(theImage(rig).wire).toMatchObject({ upload_status: "completed", sha256 });
    expect(sha256Of(theImage(rig).bytes)).toBe(sha256);
    expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3]);
    expect((await rig.journals.list()).map((one) => describeJournal(one).at)).toEqual([
      "completed",
    ]);
    expect([...rig.open]).toEqual([]);
    expect(rig.clock.waiting).toBe(0);
  });

  test("works with memory for a single part", async () => {
    await rig.upload({ memoryBytes: 5 * MiB });

    expect(sha256Of(theImage(rig).bytes)).toBe(sha256);
  });

  test("sends a part again whose connection was reset", async () => {
    rig.service.faults.put.push(resetAfter(0), resetAfter(2 * MiB), resetAfter(5 * MiB));

    await rig.upload();

    expect(sha256Of(theImage(rig).bytes)).toBe(sha256);
  });

  test("of an empty file is refused before the service is asked", async () => {
    rig = new Rig(new Uint8Array());

    await expect(rig.upload()).rejects.toMatchObject({ code: "IMAGE_SIZE" });
    expect(rig.service.calls).toEqual([]);
  });
});

describe("a resumed upload", () => {
  test("sends only the parts without a receipt", async () => {
    await stopAfterFirstPart(rig);

    const result = await rig.upload();

    expect(result).toMatchObject({ resumed: true, sentBytes: bytes.length - 5 * MiB, sha256 });
    expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3]);
    expect(sha256Of(theImage(rig).bytes)).toBe(sha256);
  });

  test("keeps the part length of its first run", async () => {
    await stopAfterFirstPart(rig);

    await rig.upload({ partBytes: 6 * MiB });

    expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3]);
    expect(sha256Of(theImage(rig).bytes)).toBe(sha256);
  });

  test("that has too little memory for its first run's parts says so", async () => {
    await stopAfterFirstPart(rig, 6 * MiB);

    const uploading = rig.upload({ memoryBytes: 5 * MiB });

    await expect(uploading).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  test("resumes a file that was touched", async () => {
    await stopAfterFirstPart(rig);
    rig.source.identity = { mtime: "2" };

    const result = await rig.upload();

    expect(result.sentBytes).toBe(bytes.length - 5 * MiB);
    expect(theImage(rig).wire.sha256).toBe(sha256);
  });

  test("of a file that was touched while it was being completed is read again", async () => {
    const stop = new AbortController();
    rig.service.faults.complete.push((answer) => {
      stop.abort(new Error("killed"));
      return answered(503)(answer);
    });
    await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");
    rig.source.identity = { mtime: "2" };

    const result = await rig.upload();

    expect(result).toMatchObject({ sentBytes: 0, sha256 });
    expect(theImage(rig).wire.sha256).toBe(sha256);
  });
});

test("a limit on the rate is kept", async () => {
  const fromMs = rig.clock.monotonicMs();

  await rig.upload({ maxBytesPerSecond: MiB });

  const tookSec = (rig.clock.monotonicMs() - fromMs) / 1000;
  expect(tookSec).toBeGreaterThan(9);
  expect(tookSec).toBeLessThan(11);
});

test("only one upload of a name continues at a time", async () => {
  const first = rig.upload();

  await expect(rig.upload()).rejects.toMatchObject({ code: "TRANSFER_LOCKED" });

  await first;
});

test("a name that the service does not take is refused before anything is asked", async () => {
  await expect(rig.upload({}, "-rf")).rejects.toMatchObject({ code: "INVALID_OPTION" });

  expect(rig.service.calls).toEqual([]);
});
