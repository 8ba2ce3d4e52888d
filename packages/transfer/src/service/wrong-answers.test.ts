import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { sha256Of, type ApiFault } from "../testing/fake-service.js";
import { seededBytes } from "../testing/memory-ports.js";
import { theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(10 * MiB + 3);
const sha256 = sha256Of(bytes);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

const callsOf = (call: string): number => rig.service.calls.filter((c) => c === call).length;

/** The right answer, but for these fields. */
const changed =
  (fields: object): ApiFault =>
  async (answer) => {
    const right = answer();
    const body = (await right.json()) as object;
    return rig.service.json(right.status, { ...body, ...fields });
  };

const always = (fault: ApiFault): ApiFault[] => Array.from({ length: 20 }, () => fault);

function expectStored(): void {
  expect(theImage(rig).wire).toMatchObject({ upload_status: "completed", sha256 });
  expect(sha256Of(theImage(rig).bytes)).toBe(sha256);
}

describe("create that is answered with", () => {
  // fault A04
  test.each([
    ["another name", { name: "another" }],
    ["an image that is completed", { upload_status: "completed" }],
    ["an image that failed", { upload_status: "failed" }],
  ])("%s is settled by looking, and no second image is made", async (_, fields) => {
    rig.service.faults.start.push(changed(fields));

    await rig.upload();

    expect(callsOf("start")).toBe(1);
    expectStored();
  });

  test("a name of the service's own, which it tells again when it is asked, is that image's name", async () => {
    rig.service.faults.start.push(changed({ name: "disk-1" }));
    rig.service.faults.get.push(...always(changed({ name: "disk-1" })));
    rig.service.faults.complete.push(changed({ name: "disk-1" }));

    await rig.upload();

    expect(callsOf("start")).toBe(1);
    expectStored();
  });

  test("another image, which was there before, is not taken for ours though the service tells it twice", async () => {
    const old = { id: "image_other", name: "another", created_at: 1 };
    rig.service.faults.start.push(changed(old));
    rig.service.faults.get.push(changed({ ...old, upload_status: "started" }));

    await rig.upload();

    expect(callsOf("start")).toBe(1);
    expectStored();
  });

  test("an unknown state is accepted", async () => {
    rig.service.faults.start.push(changed({ upload_status: "reserving" }));

    await rig.upload();

    expectStored();
  });
});

describe("get that is answered about another image", () => {
  async function interrupted(): Promise<void> {
    rig.service.faults.put.push(() => Promise.reject(new Error("killed")));
    await expect(rig.upload()).rejects.toThrow("killed");
  }

  test("once is asked again", async () => {
    await interrupted();
    rig.service.faults.get.push(changed({ id: "image_other" }));

    await rig.upload();

    expectStored();
  });

  // fault A04
  test("again and again is a typed error", async () => {
    await interrupted();
    rig.service.faults.get.push(...always(changed({ id: "image_other" })));

    await expect(rig.upload()).rejects.toMatchObject({
      code: "WRONG_ANSWER",
      message: expect.stringContaining("about image image_other") as string,
    });
  });

  test("is right where it was asked for by an id of the older form", async () => {
    rig.service.add("disk", "completed", bytes);
    const image = [...rig.service.images.values()][0]!;
    rig.service.images.set("vmi_old", image);

    expect(await rig.download("vmi_old")).toMatchObject({ sha256 });
  });
});

describe("complete that is answered 200 with", () => {
  // fault A04
  test.each([
    ["another id", { id: "image_other" }],
    ["another name", { name: "another" }],
    ["another SHA-256", { sha256: "0".repeat(64) }],
    ["a failed state and our SHA-256", { upload_status: "failed" }],
    ["an unknown state", { upload_status: "checking" }],
  ])("%s is settled by looking: it is complete", async (_, fields) => {
    rig.service.faults.complete.push(changed(fields));

    const { image } = await rig.upload();

    expect(image).toMatchObject({ uploadStatus: "completed", sha256 });
    expect(image.id).toBe(theImage(rig).wire.id);
    expect(callsOf("complete")).toBe(1);
  });

  test("another id, and no image is complete: it is called again, and then a typed error", async () => {
    const other = { ...rig.service.add("other", "completed", bytes).wire };
    rig.service.images.clear();
    rig.service.faults.complete.push(...always(() => rig.service.json(200, other)));

    await expect(rig.upload()).rejects.toMatchObject({ code: "WRONG_ANSWER" });
  });

  test("an image that is still uploading is asked about until it is complete", async () => {
    const uploading = changed({ upload_status: "uploading" });
    rig.service.faults.complete.push(uploading);
    rig.service.faults.get.push(...Array.from({ length: 10 }, () => uploading));

    const { image } = await rig.upload();

    expect(image.uploadStatus).toBe("completed");
    expect(callsOf("complete")).toBe(1);
  });

  // fault A04
  test("an image that never gets complete ends within the budget, and the next run completes it", async () => {
    rig.service.faults.complete.push(() =>
      rig.service.json(200, { ...theImage(rig).wire, upload_status: "uploading" }),
    );
    const fromMs = rig.clock.monotonicMs();

    await expect(rig.upload()).rejects.toMatchObject({
      code: "NO_PROGRESS",
      message: expect.stringContaining("is still started") as string,
    });

    expect(rig.clock.monotonicMs() - fromMs).toBeLessThan(700_000);
    expect(await rig.upload()).toMatchObject({ sentBytes: 0 });
    expectStored();
  });

  test("an image that fails then is IMAGE_FAILED", async () => {
    rig.service.faults.complete.push(() => {
      const { wire } = theImage(rig);
      wire.upload_status = "failed";
      return rig.service.json(200, { ...wire, upload_status: "uploading" });
    });

    await expect(rig.upload()).rejects.toMatchObject({ code: "IMAGE_FAILED" });
  });
});

describe("one URL for two parts", () => {
  const first = (): ApiFault => {
    let url: Response | null = null;
    return (answer) => (url ??= answer()).clone();
  };

  // fault A04
  test("once: it is asked for again, and each part goes to its own place", async () => {
    const same = first();
    rig.service.faults.partUrl.push(same, same);

    await rig.upload({ lanes: 1 });

    expectStored();
  });

  // fault A04
  test("again and again is a typed error, and nothing is completed", async () => {
    rig.service.faults.partUrl.push(...always(first()));

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "WRONG_ANSWER" });

    expect(theImage(rig).wire.upload_status).toBe("started");
  });

  test("also where its signature differs", async () => {
    let signature = 0;
    const signed: ApiFault = (answer) => {
      const expires_at = rig.clock.wallMs() / 1000 + 3_600;
      answer();
      const path = `${theImage(rig).wire.id}/1`;
      const url = `https://store.test/${path}?partNumber=1&X-Amz-Signature=${++signature}`;
      return rig.service.json(200, { url, expires_at: Math.floor(expires_at) });
    };
    rig.service.faults.partUrl.push(...always(signed));

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "WRONG_ANSWER" });
  });
});

describe("a 200 with an ETag and an error in its body", () => {
  // fault O16
  test("is no receipt: the part is sent again", async () => {
    rig.service.faults.put.push(async (_, answer) => ({
      ...(await answer()),
      text: '<?xml version="1.0"?><Error><Code>InternalError</Code></Error>',
    }));

    await rig.upload({ lanes: 1 });

    expect(rig.service.arrived).toEqual([1, 1, 2, 3]);
    expectStored();
  });
});

describe("a size that no image has", () => {
  // fault A12
  test.each([0, 128 * 1024 * MiB + 1])(
    "%i: the error says that the service said so",
    async (size) => {
      rig.service.add("disk", "completed", bytes);
      rig.service.faults.downloadUrl.push(changed({ size }));

      await expect(rig.download("disk")).rejects.toMatchObject({
        code: "IMAGE_SIZE",
        message: expect.stringContaining(
          `The service says that image image_1 has ${size} bytes`,
        ) as string,
      });
    },
  );

  test("0 while an image is read back is told so, too", async () => {
    rig.service.faults.downloadUrl.push(changed({ size: 0 }));

    await expect(rig.upload({ verify: "download" })).rejects.toMatchObject({
      code: "IMAGE_SIZE",
      message: expect.stringContaining("The service says") as string,
    });
  });
});

test("an image that the service did not delete is no deleted one", async () => {
  rig.service.add("disk", "started");
  rig.service.faults.delete.push(
    ...always(() => rig.service.json(200, { object: "image", deleted: false, name: "disk" })),
  );

  await expect(rig.upload({ ifNameTaken: "replace-unfinished" })).rejects.toMatchObject({
    code: "WRONG_ANSWER",
  });
});
