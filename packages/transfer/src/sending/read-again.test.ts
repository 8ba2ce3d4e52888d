import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import type { TransferProgress } from "../progress.js";
import { sha256Of } from "../testing/fake-service.js";
import { seededBytes } from "../testing/memory-ports.js";
import { stopAfterFirstPart, theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(10 * MiB + 3);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
  rig.source.hideChanges();
});

/** A byte of the first part is another one, and nothing tells. */
function change(): void {
  rig.source.bytes = bytes.slice();
  rig.source.bytes[7]! ^= 1;
}

describe("a source that may change unnoticed", () => {
  test("is read again before the image is completed, and that is told as progress", async () => {
    const told: TransferProgress[] = [];

    await rig.upload({ onProgress: (progress) => void told.push(progress) });

    const rereading = told.filter(({ phase }) => phase === "rereading");
    expect(rereading[0]).toMatchObject({ sizeBytes: bytes.length, doneBytes: 0 });
    expect(told.at(-1)).toMatchObject({ phase: "finishing", doneBytes: bytes.length });
    expect(theImage(rig).wire.sha256).toBe(sha256Of(bytes));
  });

  test("and that changed while it was sent is never completed", async () => {
    rig.service.faults.put.push((_, answer) => (change(), answer()));

    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

    expect(rig.service.calls).not.toContain("complete");
  });

  test("and that changed between two runs is never completed", async () => {
    await stopAfterFirstPart(rig);
    change();

    await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

    expect(rig.service.calls).not.toContain("complete");
  });

  test("is completed by the next run once the former bytes are back", async () => {
    rig.service.faults.put.push((_, answer) => (change(), answer()));
    await expect(rig.upload({ lanes: 1 })).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    rig.source.bytes = bytes;

    expect(await rig.upload()).toMatchObject({ resumed: true, sentBytes: 0 });

    expect(theImage(rig).wire.sha256).toBe(sha256Of(bytes));
  });

  test("is not read to its end if the upload is aborted meanwhile", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    let asked = 0;
    rig.source.crc32Now = async () => {
      asked++;
      stop.abort(reason);
      return new Promise(() => undefined);
    };

    await expect(rig.upload({ signal: stop.signal })).rejects.toBe(reason);

    expect(asked).toBe(1);
  });
});
