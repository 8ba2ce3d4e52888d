import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "./plan.js";
import { sha256Of, type StoredImage } from "./testing/fake-service.js";
import { seededBytes } from "./testing/memory-ports.js";
import { Rig } from "./testing/rig.js";

const bytes = seededBytes(10 * MiB + 3);
const otherBytes = seededBytes(bytes.length, 2);
const sha256 = sha256Of(bytes);
let rig: Rig;
let image: StoredImage;

beforeEach(() => {
  rig = new Rig(bytes);
  image = rig.service.add("disk", "completed", bytes);
});

describe("a comparison of a source with a stored image", () => {
  test("finds that both have the same bytes, and closes everything", async () => {
    const result = await rig.verify("disk");

    expect(result).toMatchObject({ sha256, told: true, sizeBytes: bytes.length });
    expect([...rig.open]).toEqual([]);
  });

  test("says if the service tells no SHA-256", async () => {
    rig.service.tellsSha256 = false;

    expect(await rig.verify("disk")).toMatchObject({ sha256, told: false });
  });

  test("refuses an image of another size before a byte of it is fetched", async () => {
    image.bytes = bytes.slice(1);

    await expect(rig.verify("disk")).rejects.toMatchObject({ code: "IMAGE_DIFFERS" });
  });

  test("refuses an image of other bytes", async () => {
    image.bytes = otherBytes;

    await expect(rig.verify("disk")).rejects.toMatchObject({ code: "IMAGE_DIFFERS" });
    expect([...rig.open]).toEqual([]);
  });

  test("says that the source changed, where it differs for that reason", async () => {
    image.bytes = otherBytes;
    const digest = rig.openDigest;
    rig.openDigest = (saved) => {
      const opened = digest(saved);
      const finish = opened.finish.bind(opened);
      opened.finish = () => {
        rig.source.changed = true;
        return finish();
      };
      return opened;
    };

    await expect(rig.verify("disk")).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });

  test("refuses an image with the same bytes of which the service tells another SHA-256", async () => {
    image.wire.sha256 = sha256Of(otherBytes);

    await expect(rig.verify("disk")).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });
});

describe("a look whether a file is an image already", () => {
  test("finds it by size and SHA-256, and fetches nothing", async () => {
    const found = await rig.downloadedAlready("disk");

    expect(found).toMatchObject({ sha256, verified: true, resumed: true, receivedBytes: 0 });
    expect([...rig.open]).toEqual([]);
  });

  test.each<[string, (image: StoredImage) => void]>([
    ["another size", (image) => (image.bytes = bytes.slice(1))],
    ["other bytes", (image) => (image.wire.sha256 = sha256Of(otherBytes))],
    ["no SHA-256 that is told", () => (rig.service.tellsSha256 = false)],
  ])("does not find an image of %s", async (_, change) => {
    change(image);

    expect(await rig.downloadedAlready("disk")).toBeNull();
  });
});
