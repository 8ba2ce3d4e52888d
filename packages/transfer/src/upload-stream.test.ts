import { expect, test } from "vitest";
import { limits, MiB, partBytesFor } from "./plan.js";
import { sha256Of, type PutFault } from "./testing/fake-service.js";
import { storeAnswers } from "./testing/faults.js";
import { seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";

const partBytes = partBytesFor(limits.maxImageBytes, 5 * MiB);
const bytes = seededBytes(2 * partBytes + 3);
const notThere = storeAnswers(404, "NoSuchUpload");

test.each([partBytes, 2 * partBytes, bytes.length])(
  "a stream of %i bytes goes up whole, each part once",
  async (sizeBytes) => {
    const rig = new Rig(bytes.subarray(0, sizeBytes));

    const result = await rig.uploadStream();

    const [image] = rig.service.images.values();
    expect(result).toMatchObject({ sizeBytes, sentBytes: sizeBytes, sha256: image!.wire.sha256 });
    expect(sha256Of(image!.bytes)).toBe(result.sha256);
    expect(rig.service.arrived).toHaveLength(Math.ceil(sizeBytes / partBytes));
    expect([...rig.open]).toEqual([]);
    expect(rig.clock.waiting).toBe(0);
  },
);

const failureOf = (uploading: Promise<unknown>): Promise<Error & { code: string }> =>
  uploading.then(
    () => expect.fail("it went up"),
    (error: unknown) => error as Error & { code: string },
  );

// fault O14
test("404 in the middle, and the service has the image: the store lost the upload, and no image is left", async () => {
  const rig = new Rig(bytes);
  rig.service.faults.put.push((_, answer) => answer(), notThere);

  const { code, message } = await failureOf(rig.uploadStream({ lanes: 1 }));
  expect(code).toBe("UPLOAD_LOST");
  expect(message).toMatch(/has none of its parts\. Upload the stream again\.$/);

  expect(rig.service.calls).not.toContain("complete");
  expect(rig.service.images.size).toBe(0);
  expect([...rig.open]).toEqual([]);
});

// fault A07
test("404 in the middle, and the service has no image either: it was deleted meanwhile", async () => {
  const rig = new Rig(bytes);
  const deleted: PutFault = (request, answer, part) => {
    rig.service.images.clear();
    return notThere(request, answer, part);
  };
  rig.service.faults.put.push(deleted);

  const { code, message } = await failureOf(rig.uploadStream({ lanes: 1 }));
  expect(code).toBe("IMAGE_GONE");
  expect(message).toMatch(/another account\. Upload the stream again\.$/);
});

test("404 in the middle, and the service says that the image failed", async () => {
  const rig = new Rig(bytes);
  const failed: PutFault = (request, answer, part) => {
    for (const { wire } of rig.service.images.values()) wire.upload_status = "failed";
    return notThere(request, answer, part);
  };
  rig.service.faults.put.push(failed);

  await expect(rig.uploadStream({ lanes: 1 })).rejects.toMatchObject({ code: "IMAGE_FAILED" });
  expect(rig.service.images.size).toBe(0);
});

test("an abort while a refusal is being settled is the signal's reason, and no image is left", async () => {
  const rig = new Rig(bytes);
  const stop = new AbortController();
  rig.service.faults.put.push(notThere);
  rig.service.faults.get.push((answer) => {
    stop.abort(new Error("enough"));
    return answer();
  });

  const uploading = rig.uploadStream({ lanes: 1, signal: stop.signal });

  await expect(uploading).rejects.toThrow("enough");
  expect(rig.service.images.size).toBe(0);
});

test("an abort while the image is being created waits for its id, and no image is left", async () => {
  const rig = new Rig(bytes);
  const stop = new AbortController();
  rig.service.faults.start.push(async (answer) => {
    stop.abort(new Error("enough"));
    const created = answer();
    await rig.clock.wait(400, new AbortController().signal);
    return created;
  });

  await expect(rig.uploadStream({ signal: stop.signal })).rejects.toThrow("enough");

  expect(rig.service.calls).toContain("delete");
  expect(rig.service.calls).not.toContain("partUrl");
  expect(rig.service.images.size).toBe(0);
  expect([...rig.open]).toEqual([]);
  expect(rig.clock.waiting).toBe(0);
});

test("an abort while the image is being created waits half a second, and no longer", async () => {
  const rig = new Rig(bytes);
  const stop = new AbortController();
  let stoppedMs = 0;
  rig.service.faults.start.push(async () => {
    stop.abort(new Error("enough"));
    stoppedMs = rig.clock.monotonicMs();
    return new Promise(() => undefined);
  });

  await expect(rig.uploadStream({ signal: stop.signal })).rejects.toThrow("enough");

  expect(rig.clock.monotonicMs() - stoppedMs).toBe(500);
  expect(rig.clock.waiting).toBe(0);
});

// fault N05
test("a part whose connection crawls at the end is sent on another one, and that answer counts", async () => {
  const rig = new Rig(bytes);
  const fast: PutFault = async (request, answer) => {
    await rig.clock.wait(200, request.signal);
    return answer();
  };
  /** 1 byte a second: no idle rule is broken. */
  const crawling: PutFault = async (request) => {
    for (;;) {
      await rig.clock.wait(1_000, request.signal);
      request.onMoved(1);
    }
  };
  rig.service.faults.put.push(fast, crawling, fast, fast);

  const result = await rig.uploadStream({ lanes: 3 });

  expect(result.sha256).toBe(sha256Of(bytes));
  expect(result.elapsedMs).toBeLessThan(10_000);
  expect(rig.service.arrived.toSorted()).toEqual([1, 2, 3]);
  expect([...rig.open]).toEqual([]);
});
