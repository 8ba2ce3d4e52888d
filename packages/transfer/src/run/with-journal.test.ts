import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import type { TransferProgress } from "../progress.js";
import { later, right, storeAnswers, storeRefusesGet } from "../testing/faults.js";
import { seededBytes } from "../testing/memory-ports.js";
import { stopAfterFirstPart } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(10 * MiB + 3);
let rig: Rig;
let told: TransferProgress[];
const onProgress = (progress: TransferProgress): void => void told.push(progress);

beforeEach(() => {
  rig = new Rig(bytes);
  told = [];
});

describe("what is told of a resumed transfer is what the journal has", () => {
  test("where an upload is refused before anything moved", async () => {
    await stopAfterFirstPart(rig);
    rig.token = "another";

    await expect(rig.upload({ onProgress })).rejects.toMatchObject({ code: "NOT_AUTHORIZED" });

    expect(told.at(-1)).toMatchObject({ doneBytes: 5 * MiB, partsDone: 1, partsTotal: 3 });
  });

  test("where every part is there, and only complete is missing", async () => {
    rig.service.faults.complete.push(() => rig.service.refuse(403));
    await expect(rig.upload()).rejects.toMatchObject({ code: "API_REFUSED" });

    await rig.upload({ onProgress });

    for (const { doneBytes, partsDone, partsTotal, phase } of told) {
      if (phase === "preparing" && partsTotal === 0) continue; // its journal is not open yet
      expect({ doneBytes, partsDone, partsTotal }).toEqual({
        doneBytes: bytes.length,
        partsDone: 3,
        partsTotal: 3,
      });
    }
    expect(told.at(-1)).toMatchObject({ partsDone: 3 });
  });

  test("where a download is refused before anything moved", async () => {
    rig.service.add("disk", "completed", bytes);
    const refused = later(rig.clock, storeRefusesGet(400, "Nonsense"));
    rig.service.faults.getBytes.push(right, refused);
    await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({
      code: "PART_REFUSED",
    });
    rig.service.faults.getBytes.push(storeRefusesGet(400, "Nonsense"));

    await expect(rig.download("disk", { onProgress })).rejects.toMatchObject({
      code: "PART_REFUSED",
    });

    expect(told.at(-1)).toMatchObject({ doneBytes: 5 * MiB, partsDone: 1, partsTotal: 3 });
  });
});

test("the last that is told before a failure has every part that got its receipt", async () => {
  rig.service.faults.put.push((_, answer) => answer(), later(rig.clock, storeAnswers(400, "No")));
  let receipts = 0;
  const onPart = (): void => {
    receipts++;
  };
  const failing = rig.upload({ lanes: 2, onProgress, onPart });

  await expect(failing).rejects.toMatchObject({ code: "PART_REFUSED" });

  expect(receipts).toBeGreaterThan(0);
  expect(told.at(-1)).toMatchObject({ partsDone: receipts });
});

describe("lanes that the memory cannot hold are refused before anything is sent", () => {
  const refused = {
    code: "INVALID_OPTION",
    message:
      "lanes must be at most 2, as many parts of 5 MiB as fit into 10 MiB of memory, but is 3.",
  };
  const options = { lanes: 3, memoryBytes: 10 * MiB };

  test("in an upload", async () => {
    await expect(rig.upload(options)).rejects.toMatchObject(refused);
    expect(rig.service.calls).toEqual([]);
  });

  test("in a download", async () => {
    rig.service.add("disk", "completed", bytes);
    await expect(rig.download("disk", options)).rejects.toMatchObject(refused);
    expect(rig.sink.target).toBeNull();
  });

  test("but not where there are fewer parts than lanes", async () => {
    expect(await rig.upload({ ...options, memoryBytes: 15 * MiB, lanes: 32 })).toMatchObject({
      sentBytes: bytes.length,
    });
  });
});
