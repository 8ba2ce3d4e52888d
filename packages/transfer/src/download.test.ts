import { SfcCore } from "@img/core/core.js";
import { beforeEach, describe, expect, test } from "vitest";
import { checkIdOrName } from "./service/find-image.js";
import { openJournal } from "./journal/journal.js";
import { MiB } from "./plan.js";
import { server, sha256Of, type GetFault, type StoredImage } from "./testing/fake-service.js";
import { later, right, storeRefusesGet, withHeaders } from "./testing/faults.js";
import { asVersion1 } from "./testing/journal-version-1.js";
import { seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";
import { expectWholeTarget } from "./testing/whole-target.js";

const bytes = seededBytes(10 * MiB + 3);
const sha256 = sha256Of(bytes);
let rig: Rig;
let image: StoredImage;

beforeEach(() => {
  rig = new Rig(bytes);
  image = rig.service.add("disk", "completed", bytes);
});

/** A run that ends once its first part has its receipt. */
async function stopAfterFirstPart(): Promise<void> {
  const refused = later(rig.clock, storeRefusesGet(400, "Nonsense"));
  rig.service.faults.getBytes.push(right, refused);
  await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
}

describe("a fresh download", () => {
  test.each([{}, { lanes: 1 }, { memoryBytes: 5 * MiB }])(
    "with %o is what was stored, and leaves no journal",
    async (options) => {
      const result = await rig.download("disk", options);

      expect(result).toMatchObject({ sha256, verified: true, resumed: false });
      expect(result.receivedBytes).toBe(bytes.length);
      expectWholeTarget(rig);
      expect(await rig.journals.list()).toEqual([]);
    },
  );

  test("by the image's id is the same", async () => {
    await rig.download(image.wire.id);

    expectWholeTarget(rig);
  });

  test("of an image without a digest says that it was not verified", async () => {
    rig.service.tellsSha256 = false;

    expect(await rig.download("disk")).toMatchObject({ verified: false, sha256 });
  });

  test("takes a digest in upper case", async () => {
    image.wire.sha256 = sha256.toUpperCase();

    expect(await rig.download("disk")).toMatchObject({ verified: true, sha256 });
  });

  test("holds a limit on the rate", async () => {
    const fromMs = rig.clock.monotonicMs();

    await rig.download("disk", { maxBytesPerSecond: 2 * MiB });

    const tookSec = (rig.clock.monotonicMs() - fromMs) / 1000;
    expect(tookSec).toBeGreaterThan(4.75);
    expect(tookSec).toBeLessThan(5.75);
  });
});

describe("a resumed download", () => {
  const key = { kind: "download", server, workspace: null, name: "disk" } as const;
  const resumed = { resumed: true, receivedBytes: bytes.length - 5 * MiB };

  test("that version 1 began fetches only what has no receipt", async () => {
    await stopAfterFirstPart();
    const file = await rig.journals.open(key, { force: false });
    await file.replace(asVersion1(await file.read()));
    await file.close();

    expect(await rig.download("disk")).toMatchObject(resumed);
    expectWholeTarget(rig);
  });

  test("whose journal says that the part file is another one now resumes that one", async () => {
    await stopAfterFirstPart();
    const journal = await openJournal(rig.journals, key, { force: false });
    rig.sink.identity = "part-file-2";
    await journal.append({ type: "sink", identity: rig.sink.identity, to: "moved.img" });
    await journal.close();

    expect(await rig.download("disk")).toMatchObject(resumed);
    expectWholeTarget(rig);
  });

  test("fetches only the parts without a receipt", async () => {
    await stopAfterFirstPart();

    const result = await rig.download("disk");

    expect(result).toMatchObject({ resumed: true, receivedBytes: bytes.length - 5 * MiB });
    expectWholeTarget(rig);
  });

  test.each([
    [
      "another part file of other bytes",
      () => {
        rig.sink.identity = "part-file-2";
        rig.sink.part.fill(0);
      },
    ],
    ["another image", () => (image.wire.sha256 = sha256Of((image.bytes = seededBytes(99))))],
  ])("with %s starts over", async (_, change) => {
    await stopAfterFirstPart();
    change();

    const result = await rig.download("disk");

    expect(result).toMatchObject({ resumed: false, receivedBytes: image.bytes.length });
    expect(sha256Of(rig.sink.target!)).toBe(sha256Of(image.bytes));
  });

  test("with another part file of the same bytes, fetches only the parts without a receipt", async () => {
    await stopAfterFirstPart();
    rig.sink.identity = "part-file-2";

    const result = await rig.download("disk");

    expect(result).toMatchObject({ resumed: true, receivedBytes: bytes.length - 5 * MiB });
    expectWholeTarget(rig);
  });

  test("whose part file holds other bytes than were written is a disk error", async () => {
    await stopAfterFirstPart();
    rig.sink.part[7]! ^= 1;

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "DISK" });

    expect(rig.sink.target).toBeNull();
  });
});

test("after a kill, at most the parts of the last group are fetched again: those of one second", async () => {
  const image = seededBytes(12 * 5 * MiB);
  rig = new Rig(image);
  rig.service.add("disk", "completed", image);
  const arrivedMs: number[] = [];
  const inThirdOfSecond: GetFault = async (request, answer) => {
    await rig.clock.wait(333, request.signal);
    const answered = await answer();
    arrivedMs.push(rig.clock.monotonicMs());
    return answered;
  };
  const kill: GetFault = () => {
    rig.sink.sync = () => Promise.reject(new Error("killed"));
    return Promise.reject(new Error("killed"));
  };
  const { getBytes } = rig.service.faults;
  getBytes.push(...Array.from({ length: 10 }, () => inThirdOfSecond), kill);
  await expect(rig.download("disk", { lanes: 1 })).rejects.toThrow("killed");
  const killedMs = rig.clock.monotonicMs();
  rig.sink.sync = async () => undefined;

  const { receivedBytes } = await rig.download("disk");

  const ofLastSecond = arrivedMs.filter((ms) => killedMs - ms <= 1_000).length;
  expect(receivedBytes / (5 * MiB)).toBeLessThanOrEqual(2 + ofLastSecond); // two had not come yet
  expect(receivedBytes / (5 * MiB)).toBeGreaterThanOrEqual(2);
  expect(sha256Of(rig.sink.target!)).toBe(sha256Of(image));
});

describe("an image that cannot be downloaded", () => {
  test.each(["nobody", "image_nobody"])("because %s is not there", async (idOrName) => {
    await expect(rig.download(idOrName)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  });

  test("because it is not complete", async () => {
    image.wire.upload_status = "uploading";

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "IMAGE_NOT_READY" });
  });

  test("because it was deleted meanwhile", async () => {
    rig.service.faults.downloadUrl.push(() => rig.service.refuse(404));

    await expect(rig.download("disk")).rejects.toMatchObject({
      code: "IMAGE_GONE",
      message: expect.stringMatching(/or belongs to another account\.$/) as unknown,
    });
  });

  test("because it is empty", async () => {
    image.bytes = new Uint8Array();

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "IMAGE_SIZE" });
  });

  test("because its size is not what the service says", async () => {
    const range = { "content-range": `bytes 0-${5 * MiB - 1}/${bytes.length + 1}` };
    rig.service.faults.getBytes.push(withHeaders(206, range, bytes));

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "IMAGE_CHANGED" });
  });

  test("because its URL is not safe", async () => {
    const url = "http://store.test/x?sig=secret";
    rig.service.faults.downloadUrl.push(() =>
      rig.service.json(200, { url, expires_at: 9e9, sha256, size: 1 }),
    );

    await expect(rig.download("disk")).rejects.toMatchObject({ code: "UNSAFE_URL" });
  });

  test("by a text that is neither an id nor a name", () => {
    const [v2, preview] = [new SfcCore(), new SfcCore({ apiVersion: "preview" })];
    const path = "sfc:image:acc_1:lab:disk@2";
    for (const client of [v2, preview]) {
      expect(() => checkIdOrName("-rf", client)).toThrow(/idOrName must be an image's id or name/);
      for (const each of ["disk", "image_1", "vmi_1"]) checkIdOrName(each, client);
    }
    expect(() => checkIdOrName(path, v2)).toThrow("must be an image's id or name, but is");
    checkIdOrName(path, preview);
  });
});
