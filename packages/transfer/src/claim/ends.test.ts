import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { sha256Of } from "../testing/fake-service.js";
import { unreachable } from "../testing/faults.js";
import { turn } from "../testing/manual-clock.js";
import { MemoryDigest, seededBytes } from "../testing/memory-ports.js";
import { theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(10 * MiB + 3);
const sha256 = sha256Of(bytes);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

describe("the token", () => {
  test("is asked for once more after a 401, and then it continues", async () => {
    let asked = 0;
    rig.token = async () => `token-${++asked}`;
    rig.service.faults.partUrl.push(() => {
      rig.service.token = `token-${asked + 1}`;
      return rig.service.refuse(401);
    });

    // Each call asks for a token; only the one of the moment is taken.
    rig.service.onCall = () => {
      rig.service.token = `token-${asked}`;
    };
    await rig.upload({ lanes: 1 });

    expect(theImage(rig).wire.sha256).toBe(sha256);
  });

  test("that stays refused in the middle ends the upload, and the next run resumes", async () => {
    rig.service.faults.complete.push(...[1, 2, 3].map(() => () => rig.service.refuse(401)));
    rig.service.faults.get.push(...[1, 2].map(() => () => rig.service.refuse(401)));

    await expect(rig.upload()).rejects.toMatchObject({ code: "NOT_AUTHORIZED" });

    rig.service.faults.complete.length = 0;
    const result = await rig.upload();
    expect(result).toMatchObject({ resumed: true, sentBytes: 0 });
  });

  test("function that throws ends the upload with its word", async () => {
    rig.token = () => Promise.reject(new Error("the vault is sealed"));

    await expect(rig.upload()).rejects.toThrow(/vault is sealed/);

    expect([...rig.open]).toEqual([]);
  });
});

describe("an image that is deleted in the middle", () => {
  test("ends the upload when a part's URL is asked for", async () => {
    rig.service.faults.put.push((_, answer) => (rig.service.images.clear(), answer()));
    rig.service.faults.partUrl.push((answer) => answer());

    await expect(rig.upload({ lanes: 1, memoryBytes: 5 * MiB })).rejects.toMatchObject({
      code: expect.stringMatching(/IMAGE_GONE|PART_REFUSED/) as string,
    });

    expect(rig.service.calls).not.toContain("complete");
  });
});

describe("a failure of one task", () => {
  test("of the digest ends the upload at once, even while the API is down", async () => {
    const died = new Error("the thread died");
    rig.service.faults.partUrl.push(...Array.from({ length: 5_000 }, () => unreachable));
    rig.openDigest = () => {
      const digest = new MemoryDigest(() => bytes);
      digest.beforeTaking = async () => {
        await turn(20);
        throw died;
      };
      return digest;
    };

    await expect(rig.upload()).rejects.toBe(died);

    expect(rig.clock.monotonicMs()).toBeLessThan(35_000);
    expect([...rig.open]).toEqual([]);
    expect(rig.clock.waiting).toBe(0);
  });

  test("of the journal ends the upload with its error", async () => {
    let appends = 0;
    rig.spy = {
      before: (call) => {
        if (call.endsWith(".append") && ++appends > 2) throw new Error("EIO");
      },
      after: () => undefined,
    };

    await expect(rig.upload()).rejects.toMatchObject({ code: "JOURNAL_IO" });

    expect([...rig.open]).toEqual([]);
  });

  test("of a read ends the upload with its error", async () => {
    const error = new Error("EIO");
    rig.source.read = () => Promise.reject(error);

    await expect(rig.upload()).rejects.toBe(error);

    expect([...rig.open]).toEqual([]);
  });
});

describe("a callback that throws", () => {
  test.each([1, 2])(
    "onProgress, at its call %i, ends the upload with what it threw",
    async (at) => {
      const thrown = new Error("no terminal");
      let told = 0;
      const onProgress = (): void => {
        if (++told === at) throw thrown;
      };

      await expect(rig.upload({ onProgress })).rejects.toBe(thrown);

      expect([...rig.open]).toEqual([]);
      await rig.upload();
      expect(theImage(rig).wire.sha256).toBe(sha256);
    },
  );

  test("maxBytesPerSecond ends the upload with what it threw", async () => {
    const thrown = new Error("no configuration");
    const maxBytesPerSecond = (): number => {
      throw thrown;
    };

    await expect(rig.upload({ maxBytesPerSecond })).rejects.toBe(thrown);

    expect([...rig.open]).toEqual([]);
  });
});
