import { beforeEach, describe, expect, test } from "vitest";
import { answered } from "../testing/faults.js";
import { Rig } from "../testing/rig.js";
import { seededBytes } from "../testing/memory-ports.js";

let rig: Rig;
beforeEach(() => {
  rig = new Rig(seededBytes(1_000));
});

describe("a refused upload for which no image can exist leaves no journal", () => {
  test("whose name is taken", async () => {
    rig.service.add("disk", "completed", seededBytes(5));
    await expect(rig.upload()).rejects.toMatchObject({ code: "NAME_TAKEN" });
    expect(await rig.journals.list()).toEqual([]);
  });

  test("that may not be created", async () => {
    rig.service.faults.start.push(answered(403));
    await expect(rig.upload()).rejects.toMatchObject({ code: "API_REFUSED" });
    expect(await rig.journals.list()).toEqual([]);
  });

  test("so that a file of another size has the name once it is free", async () => {
    const theirs = rig.service.add("disk", "completed", seededBytes(5));
    await expect(rig.upload()).rejects.toMatchObject({ code: "NAME_TAKEN" });
    rig.service.images.delete(theirs.wire.id);
    rig.source.bytes = seededBytes(1_700);
    expect(await rig.upload()).toMatchObject({ resumed: false, sizeBytes: 1_700 });
  });
});

test("a refused upload keeps its journal where the answer of a call that creates was lost", async () => {
  const stop = new AbortController();
  rig.service.faults.start.push((answer) => {
    answer();
    stop.abort(new Error("stopped"));
    throw new Error("stopped");
  });
  await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("stopped");
  expect(await rig.journals.list()).toHaveLength(1);
  expect(await rig.upload()).toMatchObject({ verified: true });
});
