import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { type PutFault, sha256Of } from "../testing/fake-service.js";
import { sendAll } from "../testing/fake-store.js";
import { neverAnswered, resetAfter, stalledAfter, storeAnswers } from "../testing/faults.js";
import { seededBytes } from "../testing/memory-ports.js";
import { theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(10 * MiB + 3);
const sha256 = sha256Of(bytes);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

describe("what the store answers", () => {
  test("403 to a URL that has expired: a fresh one is minted, and nothing is waited for", async () => {
    rig.service.faults.put.push(storeAnswers(403, "AccessDenied"));
    const fromMs = rig.clock.monotonicMs();

    await rig.upload({ lanes: 1 });

    expect(rig.clock.monotonicMs()).toBe(fromMs);
    expect(rig.service.calls.filter((call) => call === "partUrl")).toHaveLength(4);
  });

  test("403 to three fresh URLs: it ends", async () => {
    rig.service.faults.put.push(...[1, 2, 3].map(() => storeAnswers(403, "AccessDenied")));

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({
      code: "PART_REFUSED",
      status: 403,
    });
  });

  test("BadDigest once: the part is read again, and sent again", async () => {
    rig.service.faults.put.push(storeAnswers(400, "BadDigest"));

    await rig.upload();

    expect(theImage(rig).wire.sha256).toBe(sha256);
  });

  test("BadDigest twice: it ends", async () => {
    rig.service.faults.put.push(storeAnswers(400, "BadDigest"), storeAnswers(400, "BadDigest"));

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
  });

  test("BadDigest, and the source has other bytes by then: it changed", async () => {
    rig.service.faults.put.push((request, answer, part) => {
      rig.source.bytes = bytes.map((byte) => byte ^ 1);
      return storeAnswers(400, "BadDigest")(request, answer, part);
    });

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });

  test("200 before the body is through is no receipt: the part is sent again", async () => {
    rig.service.faults.put.push(async () => ({
      status: 200,
      headers: { etag: '"early"' },
      sentAll: false,
      text: "",
    }));

    await rig.upload();

    expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3]);
  });

  test("200 without an ETag, each time: it ends, and says why", async () => {
    const noEtag: PutFault = async (request) => {
      await sendAll(request);
      return { status: 200, headers: {}, sentAll: true, text: "" };
    };
    rig.service.faults.put.push(...Array.from({ length: 5 }, () => noEtag));

    await expect(rig.upload({ lanes: 1 })).rejects.toThrow(/no ETag/);
  });

  test("nothing at all: the part is sent again after the wait for an answer", async () => {
    rig.service.faults.put.push(neverAnswered);

    await rig.upload({ lanes: 1 }); // another lane would help sooner

    expect(rig.clock.monotonicMs()).toBeGreaterThan(30_000);
    expect(theImage(rig).wire.sha256).toBe(sha256);
  });

  test("and takes no more bytes: the part is sent again after a stall", async () => {
    rig.service.faults.put.push(stalledAfter(2 * MiB));

    await rig.upload({ stallMs: 4_000 });

    expect(theImage(rig).wire.sha256).toBe(sha256);
  });

  test("503 fifty times: it continues with fewer lanes and finishes", async () => {
    rig.service.faults.put.push(
      ...Array.from({ length: 50 }, () => storeAnswers(503, "SlowDown", { "retry-after": "1" })),
    );

    await rig.upload();

    expect(theImage(rig).wire.sha256).toBe(sha256);
  });

  test("nothing but resets: it ends within the budget and says what has happened last", async () => {
    rig.service.faults.put.push(...Array.from({ length: 5_000 }, () => resetAfter(MiB)));

    const uploading = rig.upload({ retryBudgetMs: 60_000 });

    await expect(uploading).rejects.toMatchObject({ code: "NO_PROGRESS" });
    await expect(uploading).rejects.toThrow(
      "the last try ended with: The connection to the object store ended: ECONNRESET. What",
    );
    expect(rig.clock.monotonicMs()).toBeLessThan(70_000);
    rig.service.faults.put.length = 0;
    await rig.upload();
    expect(sha256Of(theImage(rig).bytes)).toBe(sha256);
  });
});
