import { beforeEach, describe, expect, test } from "vitest";
import { completeWith, sha256Of, type ApiFault, type GetFault } from "../testing/fake-service.js";
import { answered, answerLost, answerReplaced, answerTooLate } from "../testing/faults.js";
import { turn } from "../testing/manual-clock.js";
import { MiB } from "../plan.js";
import { MemoryDigest, seededBytes } from "../testing/memory-ports.js";
import { theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(1_000);
const sha256 = sha256Of(bytes);
const otherSha256 = "0".repeat(64);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

const callsOf = (call: string): number => rig.service.calls.filter((c) => c === call).length;

function expectComplete(): void {
  expect(theImage(rig).wire).toMatchObject({ upload_status: "completed", sha256 });
  expect(sha256Of(theImage(rig).bytes)).toBe(sha256);
}

/** A run that ends between the call of `complete` and its answer. */
async function dieWhileCompleting(fault: ApiFault): Promise<void> {
  const stop = new AbortController();
  rig.service.faults.complete.push((answer) => {
    stop.abort(new Error("killed"));
    return fault(answer);
  });
  await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");
}

describe("an answer to complete that was lost", () => {
  const lost: [string, ApiFault][] = [
    ["a reset", answerLost],
    ["a timeout", answerTooLate],
    ["a 500", answerReplaced(500)],
    ["a 200 that cannot be read", answerReplaced(200)],
  ];

  test.each(lost)("by %s: looking shows that it took effect", async (_, fault) => {
    rig.service.faults.complete.push(fault);

    const result = await rig.upload();

    expect(result.image.uploadStatus).toBe("completed");
    expect(callsOf("complete")).toBe(1);
    expectComplete();
  });

  test("with a 500 and the image still open: it is called again", async () => {
    rig.service.faults.complete.push(answered(500));

    await rig.upload();

    expect(callsOf("complete")).toBe(2);
    expectComplete();
  });

  test("with the process: the next run calls again and sends nothing", async () => {
    await dieWhileCompleting(answerLost);

    const result = await rig.upload();

    expect(result).toMatchObject({ resumed: true, sentBytes: 0 });
    expect(rig.service.arrived).toEqual([1]);
    expectComplete();
  });

  test("with the process, before it took effect: the next run completes", async () => {
    await dieWhileCompleting(answered(503));

    await rig.upload();

    expect(rig.service.arrived).toEqual([1]);
    expectComplete();
  });
});

describe("an image that is complete already", () => {
  test("by a former run with our digest, and a service that tells none, is read back", async () => {
    await dieWhileCompleting(answerLost);
    rig.service.tellsSha256 = false;

    const result = await rig.upload();

    expect(result.sha256).toBe(sha256);
    expect(callsOf("downloadUrl")).toBe(1);
  });

  test("by somebody else with another digest ends the upload", async () => {
    rig.service.faults.complete.push((answer) => {
      completeWith(theImage(rig), otherSha256);
      return answer();
    });

    await expect(rig.upload()).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
      wantedSha256: sha256,
      gotSha256: otherSha256,
    });
  });

  test("by somebody else with our digest is done", async () => {
    rig.service.faults.complete.push((answer) => {
      completeWith(theImage(rig), sha256);
      return answer();
    });

    await rig.upload();

    expectComplete();
  });
});

describe("a refusal to complete", () => {
  test("of an image that is still open is told", async () => {
    rig.service.faults.complete.push(() => rig.service.refuse(400));

    await expect(rig.upload()).rejects.toMatchObject({ code: "COMPLETE_REFUSED" });
  });

  test("of an image that was deleted says that it is gone", async () => {
    rig.service.faults.complete.push((answer) => {
      rig.service.images.clear();
      return answer();
    });

    await expect(rig.upload()).rejects.toMatchObject({ code: "IMAGE_GONE" });
  });

  test("of an image that failed says so", async () => {
    rig.service.faults.complete.push((answer) => {
      theImage(rig).wire.upload_status = "failed";
      return answer();
    });

    await expect(rig.upload()).rejects.toMatchObject({ code: "IMAGE_FAILED" });
  });
});

test("a source that changed before the end is never completed", async () => {
  rig.service.faults.put.push((_, answer) => {
    rig.source.changed = true;
    return answer();
  });

  await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

  expect(callsOf("complete")).toBe(0);
});

test("an adopted image that holds other bytes is not passed off as ours", async () => {
  rig.service.faults.start.push(answerLost);
  rig.service.faults.complete.push((answer) => {
    const image = theImage(rig);
    const told = answer();
    image.bytes = seededBytes(1_000, 7);
    return told;
  });

  await expect(rig.upload()).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
});

test("a digest that dies while an image is read back ends the upload with its error", async () => {
  rig = new Rig(seededBytes(5 * MiB + 1));
  const slow: GetFault = async (_, answer) => (await turn(), answer());
  rig.service.faults.getBytes.push(slow, slow, slow); // the failure comes while a part is fetched
  rig.service.faults.start.push(answerLost);
  const died = new Error("the thread died");
  let made = 0;
  rig.openDigest = () => {
    const digest = new MemoryDigest(() => rig.source.bytes);
    if (++made === 2) digest.beforeTaking = () => Promise.reject(died);
    return digest;
  };

  await expect(rig.upload()).rejects.toBe(died);

  expect([...rig.open]).toEqual([]);
});
