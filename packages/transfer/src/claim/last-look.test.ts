import { beforeEach, expect, test } from "vitest";
import { SourceChangedError } from "../errors.js";
import { seededBytes } from "../testing/memory-ports.js";
import { theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(1_000);
let rig: Rig;
let reopened: number;

/** A source whose metadata changed, and that can be opened again. */
beforeEach(() => {
  rig = new Rig(bytes);
  reopened = 0;
  rig.source.check = () => Promise.reject(new SourceChangedError("it was touched"));
  rig.source.read = async (offset, into) => into.set(rig.source.bytes.subarray(offset));
  rig.source.reopen = async () => {
    reopened++;
    rig.source.identity = { mtime: "2" };
  };
});

// fault D61
test("a source of other metadata and the same bytes is read once more, and completed", async () => {
  const result = await rig.upload();

  expect(result.image.uploadStatus).toBe("completed");
  expect(reopened).toBe(1);
  rig.openDigest = () => {
    throw new Error("the new metadata are known: nothing is read");
  };
  expect(await rig.upload()).toMatchObject({ sentBytes: 0 });
});

// fault D25
test("a source of other metadata and other bytes is never completed", async () => {
  rig.service.faults.put.push((_, answer) => {
    rig.source.bytes = seededBytes(1_000, 2);
    return answer();
  });

  await expect(rig.upload()).rejects.toMatchObject({
    code: "SOURCE_CHANGED",
    what: "The source changed: its bytes are not those that were sent.",
  });
  expect(theImage(rig).wire.upload_status).not.toBe("completed");
});

// fault D25
test("a source that cannot be opened again is never completed, and the first error is told", async () => {
  rig.source.reopen = () => Promise.reject(new SourceChangedError("it is gone"));

  await expect(rig.upload()).rejects.toMatchObject({
    what: "The source changed: it was touched.",
  });
});

test("another error of a last look ends the upload", async () => {
  rig.source.check = () => Promise.reject(new Error("EIO"));

  await expect(rig.upload()).rejects.toThrow("EIO");
  expect(reopened).toBe(0);
});
