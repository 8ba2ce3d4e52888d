import { beforeEach, expect, test } from "vitest";
import { readJournal } from "../journal/read-journal.js";
import { MiB } from "../plan.js";
import { server, sha256Of } from "../testing/fake-service.js";
import { asVersion1 } from "../testing/journal-version-1.js";
import { seededBytes } from "../testing/memory-ports.js";
import { stopAfterFirstPart, theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(15 * MiB + 3);
const key = { kind: "upload", server, workspace: null, name: "disk" } as const;
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

/** As if version 1 had written it. */
async function makeOlder(): Promise<void> {
  const file = await rig.journals.open(key, { force: false });
  await file.replace(asVersion1(await file.read()));
  await file.close();
}

/** A run that ends between the call of `complete` and its answer. */
async function endAtComplete(): Promise<void> {
  const stop = new AbortController();
  rig.service.faults.complete.push(() => {
    stop.abort(new Error("killed"));
    return rig.service.refuse(500);
  });
  await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");
}

// fault D12
test("an upload that version 1 began continues as raw: what has a receipt is not sent again", async () => {
  await stopAfterFirstPart(rig);
  await makeOlder();

  expect(await rig.upload()).toMatchObject({ resumed: true, sentBytes: bytes.length - 5 * MiB });

  expect([...rig.service.arrived].sort()).toEqual([1, 2, 3, 4]);
  expect(sha256Of(theImage(rig).bytes)).toBe(sha256Of(bytes));
});

test("an upload that version 1 was completing is completed", async () => {
  await endAtComplete();
  await makeOlder();

  expect(await rig.upload()).toMatchObject({ sentBytes: 0 });
  expect(theImage(rig).wire.upload_status).toBe("completed");
});

test("a file that is read in another format has changed, unless it is the same disk", async () => {
  await stopAfterFirstPart(rig);
  rig.source.format = "qcow2";
  rig.source.bytes = seededBytes(20 * MiB);
  await expect(rig.upload()).rejects.toMatchObject({
    code: "SOURCE_CHANGED",
    message: expect.stringContaining(
      "when this upload began, read as raw; now it is read as qcow2",
    ) as string,
  });

  rig.source.bytes = bytes;
  expect(await rig.upload()).toMatchObject({ resumed: true, sentBytes: bytes.length - 5 * MiB });
  expect(sha256Of(theImage(rig).bytes)).toBe(sha256Of(bytes));
});

test("the journal keeps the format that the source was last read in", async () => {
  await stopAfterFirstPart(rig);
  rig.source.format = "qcow2";
  await endAtComplete();

  const [stored] = await rig.journals.list();
  expect(readJournal(stored!.contents)).toMatchObject({ format: "qcow2", at: "completing" });
});
