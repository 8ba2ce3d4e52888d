import { beforeEach, describe, expect, test } from "vitest";
import { sha256Of } from "../testing/fake-service.js";
import { seededBytes } from "../testing/memory-ports.js";
import { theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(1_000);
const sha256 = sha256Of(bytes);
const another = sha256Of(seededBytes(1_000, 2));
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

const completes = (): number => rig.service.calls.filter((call) => call === "complete").length;

// fault D63
describe("an upload whose SHA-256 is not the expected one", () => {
  const mismatch = { code: "DIGEST_MISMATCH", wantedSha256: another, gotSha256: sha256 };

  test("is not completed, and the error has both digests", async () => {
    await expect(rig.upload({ expectedSha256: another })).rejects.toMatchObject({
      ...mismatch,
      message: `disk.img has SHA-256 ${sha256}, not ${another}. Nothing was completed. Check the file and the expected SHA-256, then upload again.`,
    });

    expect(completes()).toBe(0);
    expect(theImage(rig).wire.upload_status).not.toBe("completed");
  });

  test("is completed by the next call that expects the right one, and nothing is sent twice", async () => {
    await expect(rig.upload({ expectedSha256: another })).rejects.toMatchObject(mismatch);

    expect(await rig.upload({ expectedSha256: sha256 })).toMatchObject({ sha256, sentBytes: 0 });
  });

  test("is refused too if an earlier call completed it", async () => {
    await rig.upload();

    await expect(rig.upload({ expectedSha256: another })).rejects.toMatchObject({
      ...mismatch,
      advice:
        "An earlier upload of it is complete, and stays. Check the file and the expected SHA-256, then upload again.",
    });
    expect(theImage(rig).wire.upload_status).toBe("completed");
  });

  test("of a stream is not completed, and its image is deleted", async () => {
    await expect(rig.uploadStream({ expectedSha256: another })).rejects.toMatchObject(mismatch);

    expect(completes()).toBe(0);
    expect(rig.service.images.size).toBe(0);
  });
});

test("an upload with the expected SHA-256 is completed, in upper or lower case", async () => {
  expect(await rig.upload({ expectedSha256: sha256.toUpperCase() })).toMatchObject({ sha256 });
});

test.each(["", "abc", `${sha256}0`, "g".repeat(64)])(
  "an expected SHA-256 that is not 64 hex digits (%j) is refused before anything is sent",
  async (expectedSha256) => {
    await expect(rig.upload({ expectedSha256 })).rejects.toMatchObject({ code: "INVALID_OPTION" });

    expect(rig.service.calls).toEqual([]);
  },
);
