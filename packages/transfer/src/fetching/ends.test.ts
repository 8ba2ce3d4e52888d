import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { type GetFault, sha256Of, type StoredImage } from "../testing/fake-service.js";
import { answerRange } from "../testing/fake-store.js";
import { right } from "../testing/faults.js";
import { MemoryDigest, seededBytes } from "../testing/memory-ports.js";
import { Rig } from "../testing/rig.js";
import { expectWholeTarget } from "../testing/whole-target.js";

const bytes = seededBytes(10 * MiB + 3);
const sha256 = sha256Of(bytes);
let rig: Rig;
let image: StoredImage;

beforeEach(() => {
  rig = new Rig(bytes);
  image = rig.service.add("disk", "completed", bytes);
});

describe("what goes wrong here", () => {
  test("a bit that flipped: the digest tells, and the target stays away", async () => {
    const flipped = bytes.slice();
    flipped[6 * MiB]! ^= 1;
    const wrong: GetFault = (request) => answerRange(request, flipped);
    rig.service.faults.getBytes.push(wrong, wrong, wrong);

    await expect(rig.download("disk")).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
      wantedSha256: sha256,
    });

    expect(rig.sink.target).toBeNull();
    expect(rig.sink.part).toHaveLength(0);
    expect(await rig.journals.list()).toEqual([]);
  });

  test("a digest that is wrong leaves the part file where the caller wants it", async () => {
    image.wire.sha256 = "0".repeat(64);

    await expect(rig.download("disk", { keepOnMismatch: true })).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
    });

    expect(sha256Of(rig.sink.part)).toBe(sha256);
  });

  test.each(["write", "sync", "prepare", "commit"] as const)(
    "a %s that fails is the error, and nothing stays open",
    async (call) => {
      const error = new Error("ENOSPC");
      rig.sink[call] = () => Promise.reject(error);
      rig.service.faults.getBytes.push(right, slow, slow);

      await expect(rig.download("disk", { lanes: 1 })).rejects.toBe(error);

      expect([...rig.open]).toEqual([]);
      expect(rig.sink.target).toBeNull();
    },
  );

  const slow: GetFault = async (request, answer) => {
    await rig.clock.wait(2_000, request.signal);
    return answer();
  };

  test("a digest that dies ends it, and what was written keeps its receipts", async () => {
    const died = new Error("the thread died");
    rig.digestOfSink = () => {
      const digest = new MemoryDigest(() => rig.sink.part);
      let taken = 0;
      digest.beforeTaking = () => {
        if (++taken === 2) throw died;
      };
      return digest;
    };
    rig.service.faults.getBytes.push(right, slow, slow);
    await expect(rig.download("disk", { lanes: 1 })).rejects.toBe(died);
    rig.digestOfSink = null;

    const result = await rig.download("disk");

    expect(result.receivedBytes).toBe(bytes.length - 5 * MiB);
    expectWholeTarget(rig);
  });

  test("onProgress that throws ends it with what it threw", async () => {
    const thrown = new Error("no terminal");
    const onProgress = (): void => {
      throw thrown;
    };

    await expect(rig.download("disk", { onProgress })).rejects.toBe(thrown);

    expect([...rig.open]).toEqual([]);
  });

  test("too little memory for a part is said before anything is fetched", async () => {
    await expect(rig.download("disk", { memoryBytes: MiB })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });
});
