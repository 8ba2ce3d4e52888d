import { SourceChangedError } from "@img/transfer";
import { MemoryJournals } from "@img/transfer/contracts";
import { expect, test } from "vitest";
import { uploadSource } from "./upload.js";
import { partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { sourceOf } from "./testing/source-of.js";
import { openWorld } from "./testing/world.js";

const fourParts = seededBytes("a source's four parts", 4 * partBytes);

test("an upload from a source continues where it was ended, and reads what was sent through the source", async () => {
  const world = await openWorld();
  const { client, stateDir } = world;
  const options = { client, stateDir, partBytes, lanes: 1, name: "from-a-source.img" };
  world.server.faults.add({ on: "part", nth: 3, times: Infinity, do: "answer", status: 501 });
  const first = uploadSource(sourceOf(fourParts), options);
  await expect(first).rejects.toMatchObject({ code: "PART_REFUSED", part: 3 });

  world.server.faults.clear();
  const source = sourceOf(fourParts);
  const result = await uploadSource(source, options);

  expect(result).toMatchObject({ resumed: true, sentBytes: 2 * partBytes });
  expect(result.sha256).toBe(sha256Of(fourParts));
  expect(new Set(source.reads)).toEqual(new Set([0, 1, 2, 3].map((n) => n * partBytes)));
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(fourParts));
});

test("a source that gives other bytes than before has changed", async () => {
  const world = await openWorld();
  const { client, stateDir } = world;
  const options = { client, stateDir, partBytes, lanes: 1, name: "other-bytes.img" };
  world.server.faults.add({ on: "part", nth: 3, times: Infinity, do: "answer", status: 501 });
  await expect(uploadSource(sourceOf(fourParts), options)).rejects.toThrow("refused part 3");

  world.server.faults.clear();
  const others = seededBytes("others", fourParts.length);
  await expect(uploadSource(sourceOf(others), options)).rejects.toMatchObject({
    code: "SOURCE_CHANGED",
  });
});

test("what the source rejects with ends the upload", async () => {
  const world = await openWorld();
  const { client, stateDir } = world;
  const source = {
    ...sourceOf(fourParts),
    read: () => Promise.reject(new SourceChangedError("its tape was swapped")),
  };
  const upload = uploadSource(source, { client, stateDir, name: "tape.img" });
  await expect(upload).rejects.toThrow("its tape was swapped");
});

test("journals can be kept in a store of the caller's own", async () => {
  const world = await openWorld();
  const { client } = world;
  const journals = new MemoryJournals();
  const options = { client, journals, partBytes, lanes: 1, name: "own-store.img" };
  world.server.faults.add({ on: "part", nth: 2, times: Infinity, do: "answer", status: 501 });
  await expect(uploadSource(sourceOf(fourParts), options)).rejects.toThrow("refused part 2");
  expect(await journals.list()).toHaveLength(1);

  world.server.faults.clear();
  const result = await uploadSource(sourceOf(fourParts), options);
  expect(result).toMatchObject({ resumed: true, sentBytes: 3 * partBytes });
});
