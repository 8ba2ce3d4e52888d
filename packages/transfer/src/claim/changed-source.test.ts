import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import type { TransferProgress } from "../progress.js";
import { sha256Of } from "../testing/fake-service.js";
import { answered } from "../testing/faults.js";
import { MemoryDigest, seededBytes } from "../testing/memory-ports.js";
import { stopAfterFirstPart, theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(10 * MiB + 3);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

/** A run that ends at its first call of this port. */
async function killAt(port: string): Promise<void> {
  const stop = new AbortController();
  const before = (call: string): void => {
    if (call.startsWith(port)) stop.abort(new Error("killed"));
  };
  rig.spy = { before, after: () => undefined };
  await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");
  rig.spy = { before: () => undefined, after: () => undefined };
}

describe("a file that has other bytes where a part was sent", () => {
  /** Other bytes and other metadata, between two runs. */
  function change(): void {
    rig.source.bytes = bytes.slice();
    rig.source.bytes[7]! ^= 1;
    rig.source.identity = { mtime: "2" };
  }

  test("is never completed", async () => {
    await stopAfterFirstPart(rig);
    change();

    await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

    expect(rig.service.calls).not.toContain("complete");
  });

  test("so that the digest cannot read it is an error of the source, not of the digest", async () => {
    await stopAfterFirstPart(rig);
    const digest = new MemoryDigest(() => rig.source.bytes);
    digest.beforeTaking = () => {
      rig.source.changed = true;
      throw new Error("the file ends there");
    };
    rig.openDigest = () => digest;

    await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

    expect(rig.service.calls).not.toContain("complete");
  });

  test("is uploaded again where the caller said so", async () => {
    await stopAfterFirstPart(rig);
    change();
    const formerId = theImage(rig).wire.id;

    const result = await rig.upload({ ifSourceChanged: "restart" });

    expect(result).toMatchObject({ resumed: false, sha256: sha256Of(rig.source.bytes) });
    expect(theImage(rig).wire.id).not.toBe(formerId);
    expect(theImage(rig).wire.sha256).toBe(sha256Of(theImage(rig).bytes));
  });

  test("is uploaded again where the caller says so only after the error that advises it", async () => {
    await stopAfterFirstPart(rig);
    change();
    await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

    const result = await rig.upload({ ifSourceChanged: "restart" });

    expect(result.sha256).toBe(sha256Of(rig.source.bytes));
  });

  test("is not completed by a third run, after a second one that could not tell", async () => {
    const stop = new AbortController();
    rig.service.faults.complete.push((answer) => {
      stop.abort(new Error("killed"));
      return answered(503)(answer);
    });
    await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");
    change();
    await killAt("source.read");

    await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });

  test("though its metadata is the same is an error, also where a restart is allowed", async () => {
    await stopAfterFirstPart(rig);
    change();
    rig.source.identity = { mtime: "1" };

    const uploading = rig.upload({ ifSourceChanged: "restart" });

    await expect(uploading).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  });

  test("tells progress of the new upload only, once it has started over", async () => {
    await stopAfterFirstPart(rig);
    change();
    const told: TransferProgress[] = [];

    await rig.upload({
      ifSourceChanged: "restart",
      onProgress: (progress) => void told.push(progress),
    });

    expect(Math.max(...told.map(({ partsDone }) => partsDone))).toBe(3);
    expect(told.at(-1)).toMatchObject({ doneBytes: bytes.length, partsDone: 3, partsTotal: 3 });
  });
});

// fault D51
test("a wrong file is found before a part of it is sent, and the right one can resume", async () => {
  await stopAfterFirstPart(rig);
  rig.source.bytes = seededBytes(bytes.length, 2);
  rig.source.identity = { mtime: "2" };
  await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  expect(rig.service.arrived).toEqual([1]);

  rig.source.bytes = bytes;
  expect(await rig.upload()).toMatchObject({ resumed: true, sha256: sha256Of(bytes) });
});
