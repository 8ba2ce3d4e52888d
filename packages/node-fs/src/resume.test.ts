import { readFile, rename, writeFile } from "node:fs/promises";
import { describeJournal } from "@img/transfer";
import { expect, test } from "vitest";
import { fileJournals, journalBeside } from "./journals/journal-store.js";
import { partPathOf } from "./files/file-target.js";
import { runChild } from "./testing/child.js";
import { receiptsIn } from "./testing/receipts.js";
import { partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { openWorld, type World } from "./testing/world.js";

const sixParts = seededBytes("six parts", 6 * partBytes);

test("after an abort the next run sends only parts without a receipt", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", sixParts);
  world.server.faults.add({ on: "part", nth: 4, times: Infinity, do: "stall", afterBytes: 1000 });
  const controller = new AbortController();
  const first = world.upload(path, { lanes: 2, signal: controller.signal });
  await uploadReceipts(world, 3);
  controller.abort(new Error("enough"));
  await expect(first).rejects.toThrow("enough");

  world.server.faults.clear();
  const sentBefore = world.server.requests.part;
  const result = await world.upload(path, { lanes: 2 });

  expect(result).toMatchObject({ resumed: true, sentBytes: 3 * partBytes });
  expect(world.server.requests.part - sentBefore).toBe(3);
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(sixParts));
});

test("after kill -9 of the process the next one sends only parts without a receipt", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", sixParts);
  world.server.faults.add({ on: "part", nth: 4, times: Infinity, do: "stall", afterBytes: 1000 });
  const options = { stateDir: world.stateDir, partBytes, lanes: 2 };
  const child = runChild(world, `img.uploadImage("${path}", ${JSON.stringify(options)})`);
  await uploadReceipts(world, 3);
  await child.kill();

  world.server.faults.clear();
  const sentBefore = world.server.requests.part;
  const result = await world.upload(path);

  expect(result).toMatchObject({ resumed: true, sentBytes: 3 * partBytes });
  expect(world.server.requests).toMatchObject({ create: 1, part: sentBefore + 3 });
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(sixParts));
});

test("a resume keeps the part size of the first run, whatever it is told", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", sixParts);
  world.server.faults.add({ on: "part", nth: 2, times: Infinity, do: "answer", status: 501 });
  await expect(world.upload(path, { lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });

  world.server.faults.clear();
  const result = await world.upload(path, { partBytes: 2 * partBytes });

  expect(result.sentBytes).toBe(5 * partBytes);
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(sixParts));
});

test("an upload that finds everything sent only completes", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", sixParts);
  const fault = world.server.faults.add({ on: "complete", do: "answer", status: 501 });
  await expect(world.upload(path)).rejects.toMatchObject({ code: "API_REFUSED" });
  expect(fault.hits).toBe(1);

  const result = await world.upload(path);

  expect(result).toMatchObject({ resumed: true, sentBytes: 0 });
  expect(world.server.requests.part).toBe(6);
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(sixParts));
});

test("a download that was killed fetches only what has no receipt", async () => {
  const world = await openWorld();
  await world.image("image", sixParts);
  const target = world.path("target.raw");
  world.server.faults.add({ on: "download", nth: 4, times: Infinity, do: "stall", afterBytes: 10 });
  const options = JSON.stringify({ partBytes, lanes: 1 });
  const child = runChild(world, `img.downloadImage("image", "${target}", ${options})`);
  await receiptsIn(journalBeside(partPathOf(target)), 3);
  await child.kill();

  world.server.faults.clear();
  const askedBefore = world.server.requests.download;
  const result = await world.download("image", target);

  expect(result).toMatchObject({ resumed: true, receivedBytes: 3 * partBytes, verified: true });
  expect(world.server.requests.download - askedBefore).toBe(3);
  expect(sha256Of(await readFile(target))).toBe(sha256Of(sixParts));
});

test.each([
  ["was copied keeps what has its receipts' CRC-32s", (bytes: Buffer) => bytes, 0],
  [
    "has another byte in its first part fetches that part again",
    (bytes: Buffer) => bytes.fill(bytes[7]! ^ 1, 7, 8),
    1,
  ],
  ["was made again fetches everything", () => Buffer.alloc(0), Infinity],
])("a download whose part file %s", async (_, changed, lostParts) => {
  const world = await openWorld();
  await world.image("image", sixParts);
  const target = world.path("target.raw");
  const fault = world.server.faults.add({
    on: "download",
    nth: 4,
    times: Infinity,
    do: "answer",
    status: 501,
  });
  await expect(world.download("image", target, { lanes: 1 })).rejects.toMatchObject({
    code: "PART_REFUSED",
  });
  fault.remove();
  const [stored] = await journalBeside(partPathOf(target)).list();
  const receipts = stored === undefined ? 0 : describeJournal(stored).partsDone;
  expect(receipts).toBeGreaterThan(1);
  const copy = `${partPathOf(target)}.moved`;
  await writeFile(copy, changed(await readFile(partPathOf(target))));
  await rename(copy, partPathOf(target));

  const result = await world.download("image", target);

  const keptParts = Math.max(0, receipts - lostParts);
  const receivedBytes = sixParts.length - keptParts * partBytes;
  expect(result).toMatchObject({ resumed: keptParts > 0, receivedBytes, verified: true });
  expect(sha256Of(await readFile(target))).toBe(sha256Of(sixParts));
});

const uploadReceipts = (world: World, count: number): Promise<void> =>
  receiptsIn(fileJournals(world.stateDir), count);
