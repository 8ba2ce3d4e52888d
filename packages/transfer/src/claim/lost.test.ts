import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { sha256Of, type PutFault, type StoredImage } from "../testing/fake-service.js";
import { refusedPut } from "../testing/fake-store.js";
import { seededBytes } from "../testing/memory-ports.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(5 * MiB + 1_000);
const sha256 = sha256Of(bytes);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

const images = (): StoredImage[] => [...rig.service.images.values()];
const callsOf = (call: string): number => rig.service.calls.filter((c) => c === call).length;
const unknownUpload: PutFault = () => Promise.resolve(refusedPut(404, "NoSuchUpload"));

function expectOneWhole(): void {
  expect(images().map(({ wire }) => wire)).toMatchObject([{ upload_status: "completed", sha256 }]);
  expect(sha256Of(images()[0]!.bytes)).toBe(sha256);
}

describe("a part that the store answers with 404", () => {
  test("of an image that was deleted: gone, in the same run", async () => {
    rig.service.faults.put.push((...given) => {
      rig.service.images.clear();
      return unknownUpload(...given);
    });

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "IMAGE_GONE" });
    expect(callsOf("complete")).toBe(0);
  });

  test("of an image that failed: said so, in the same run", async () => {
    rig.service.faults.put.push((...given) => {
      images()[0]!.wire.upload_status = "failed";
      return unknownUpload(...given);
    });

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "IMAGE_FAILED" });
  });

  test("of an image that still waits for parts: the upload is lost, in each run", async () => {
    rig.service.faults.put.push(unknownUpload);
    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "UPLOAD_LOST" });

    rig.service.faults.put.push(unknownUpload);
    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "UPLOAD_LOST" });

    expect(callsOf("complete")).toBe(0);
  });

  test("starts over in the same run, where the caller said so", async () => {
    rig.service.faults.put.push(unknownUpload);

    const result = await rig.upload({ lanes: 1, ifImageGone: "restart" });

    expect(result).toMatchObject({ sha256, resumed: false });
    expect(callsOf("start")).toBe(2);
    expectOneWhole();
  });

  test("starts over once a run", async () => {
    rig.service.faults.put.push(unknownUpload, unknownUpload);

    const uploading = rig.upload({ lanes: 1, ifImageGone: "restart" });

    await expect(uploading).rejects.toMatchObject({ code: "UPLOAD_LOST" });
    expect(callsOf("start")).toBe(2);
  });

  test("while the service cannot be asked is a part that was refused", async () => {
    rig.service.faults.put.push(unknownUpload);
    rig.service.faults.get.push(() => rig.service.refuse(403));

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({
      code: "PART_REFUSED",
      status: 404,
    });
  });
});

test("a URL that is refused because the image failed: said so, in the same run", async () => {
  rig.service.faults.partUrl.push((answer) => {
    images()[0]!.wire.upload_status = "failed";
    return answer();
  });

  await expect(rig.upload()).rejects.toMatchObject({ code: "IMAGE_FAILED" });
});

describe("a lasting refusal to complete", () => {
  beforeEach(() => {
    rig.service.faults.complete.push(...[1, 2, 3].map(() => () => rig.service.refuse(400)));
  });

  test("is the same error in each run, with the service's words, and sends nothing again", async () => {
    for (let run = 0; run < 3; run++) {
      await expect(rig.upload()).rejects.toMatchObject({
        code: "COMPLETE_REFUSED",
        imageId: "image_1",
        message: expect.stringContaining("no: 400") as string,
      });
    }
    expect(rig.service.arrived.toSorted()).toEqual([1, 2]);
    expect(callsOf("complete")).toBe(3);
  });

  test("starts over with another image, where the caller said so", async () => {
    await expect(rig.upload()).rejects.toMatchObject({ code: "COMPLETE_REFUSED" });
    rig.service.faults.complete.length = 1;

    await rig.upload({ ifImageGone: "restart" });

    expect(callsOf("start")).toBe(2);
    expect(callsOf("delete")).toBe(1);
    expectOneWhole();
  });
});
