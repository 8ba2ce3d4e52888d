import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { TransferProgress } from "@img/transfer";
import { succeeds, transferOf, twoParts } from "./testing/moving.js";
import { partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { openWorld, type World } from "./testing/world.js";

const threeParts = seededBytes("three parts", 2 * partBytes + 1_234);

describe('verifyParts: "md5"', () => {
  const verifyParts = "md5";

  test("each part is sent with its Content-MD5", async () => {
    const world = await openWorld();
    const upload = await transferOf(world, "upload", threeParts);
    const told: (string | undefined)[] = [];
    world.server.faults.add({
      on: "part",
      only: ({ partId, headers }) => {
        told[partId - 1] = headers["content-md5"] as string | undefined;
        return false;
      },
      do: "stall",
    });
    await succeeds(upload, { verifyParts });
    expect(told).toEqual([0, 1, 2].map((index) => md5Of(threeParts, index)));
  });

  test("a bit flipped on its way to the store is found there, and the part is sent again", async () => {
    const world = await openWorld();
    const upload = await transferOf(world, "upload");
    world.server.faults.add({ on: "part", partId: 1, do: "flip-bit", atByte: 1_000 });
    await succeeds(upload, { verifyParts });
    expect(world.server.requests.part).toBe(3);
  });

  test("what has arrived in a former run is not hashed again", async () => {
    const world = await openWorld();
    const upload = await transferOf(world, "upload");
    world.server.faults.add({ on: "part", partId: 2, do: "answer", status: 413 });
    await expect(upload.run({ lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
    await succeeds(upload, { verifyParts });
    expect(world.server.requests.part).toBe(3);
  });

  test("aborting while parts are hashed leaves nothing behind", async () => {
    const world = await openWorld();
    const upload = await transferOf(world, "upload");
    const stop = new AbortController();
    world.server.faults.add({
      on: "partUrl",
      only: () => {
        stop.abort(new Error("stop"));
        return false;
      },
      do: "stall",
    });
    await expect(upload.run({ verifyParts, signal: stop.signal })).rejects.toThrow("stop");
    await succeeds(upload, { verifyParts });
  });
});

describe('verify: "download"', () => {
  const verify = "download";

  test("reads the stored image back and says so", async () => {
    const world = await openWorld();
    const path = await world.file("image.raw", threeParts);
    const result = await world.upload(path, { verify });
    expect(result).toMatchObject({ verified: true, sentBytes: threeParts.length });
    expect(verifyingOf(world).at(-1)).toMatchObject({
      sizeBytes: threeParts.length,
      doneBytes: threeParts.length,
      partsDone: 3,
    });
  });

  test("a bit that was flipped on its way is found, in each run", async () => {
    const world = await openWorld();
    const path = await world.file("image.raw", twoParts);
    world.server.faults.add({ on: "part", partId: 1, do: "flip-bit", atByte: 1_000 });
    for (let run = 0; run < 2; run++) {
      await expect(world.upload(path, { verify })).rejects.toMatchObject({
        code: "DIGEST_MISMATCH",
        wantedSha256: sha256Of(twoParts),
      });
    }
    expect(world.server.requests.part).toBe(2);
  });

  test("an image that is found complete is read back, too", async () => {
    const world = await openWorld();
    await world.image("image.raw", twoParts);
    const path = await world.file("image.raw", twoParts);
    const result = await world.upload(path, { verify, ifNameTaken: "verify" });
    expect(result).toMatchObject({ verified: true, sentBytes: 0 });
    expect(world.server.requests.download).toBeGreaterThan(1);
  });

  test("a store that ignores ranges is read back as one stream", async () => {
    const world = await openWorld();
    const path = await world.file("image.raw", twoParts);
    world.server.faults.add({ on: "download", times: Infinity, do: "ignore-range" });
    expect(await world.upload(path, { verify })).toMatchObject({ verified: true });
  });

  test("without it nothing is read back, and that is said", async () => {
    const world = await openWorld();
    const path = await world.file("image.raw", twoParts);
    expect(await world.upload(path)).toMatchObject({ verified: false });
    expect(world.server.requests.download).toBe(0);
  });
});

describe("verifyImage", () => {
  test("a file that is what is stored, by id and by name", async () => {
    const world = await openWorld();
    const path = await world.file("disk.raw", threeParts);
    const id = await world.image("image", threeParts);
    for (const idOrName of [id, "image"]) {
      const result = await world.verify(path, idOrName);
      const { length } = threeParts;
      expect(result).toMatchObject({ sha256: sha256Of(threeParts), sizeBytes: length, told: true });
    }
    expect(verifyingOf(world).at(-1)).toMatchObject({ doneBytes: threeParts.length });
    expect(world.told.every(({ phase }) => phase !== "moving")).toBe(true);
  });

  test("a connection that breaks is resumed", async () => {
    const world = await openWorld();
    const path = await world.file("disk.raw", threeParts);
    const id = await world.image("image", threeParts);
    world.server.faults.add({ on: "download", nth: 2, do: "reset", afterBytes: 1_000_000 });
    expect(await world.verify(path, id)).toMatchObject({ sha256: sha256Of(threeParts) });
  });

  test("a memory budget of one part is enough", async () => {
    const world = await openWorld();
    const path = await world.file("disk.raw", threeParts);
    const id = await world.image("image", threeParts);
    const { sha256 } = await world.verify(path, id, { memoryBytes: partBytes });
    expect(sha256).toBe(sha256Of(threeParts));
  });

  test("a file with another byte differs", async () => {
    const world = await openWorld();
    const other = Buffer.from(twoParts);
    other[partBytes + 7]! ^= 1;
    const path = await world.file("disk.raw", other);
    const id = await world.image("image", twoParts);
    const error = await world.verify(path, id).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "IMAGE_DIFFERS", imageId: id });
    expect(String(error)).toContain(sha256Of(other));
    expect(String(error)).toContain(sha256Of(twoParts));
  });

  test("a file of another size differs, before a byte is fetched", async () => {
    const world = await openWorld();
    const path = await world.file("disk.raw", twoParts.subarray(1));
    const id = await world.image("image", twoParts);
    await expect(world.verify(path, id)).rejects.toMatchObject({ code: "IMAGE_DIFFERS" });
    expect(world.server.requests.download).toBe(0);
  });

  test("an image that is not what the service says does not boot, and is a wrong digest", async () => {
    const world = await openWorld();
    const path = await world.file("disk.raw", twoParts);
    const id = await world.image("image", twoParts);
    const json = { sha256: "0".repeat(64) };
    world.server.faults.add({ on: "downloadUrl", times: Infinity, do: "edit", json });
    await expect(world.verify(path, id)).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
      wantedSha256: "0".repeat(64),
    });
  });

  test("an unknown image is not found", async () => {
    const world = await openWorld();
    const path = await world.file("disk.raw", twoParts);
    await expect(world.verify(path, "nobody")).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  });

  test("aborting ends it with the signal's reason", async () => {
    const world = await openWorld();
    const path = await world.file("disk.raw", twoParts);
    const id = await world.image("image", twoParts);
    const stop = new AbortController();
    world.server.faults.add({
      on: "download",
      nth: 1,
      only: () => {
        stop.abort(new Error("stop"));
        return true;
      },
      do: "stall",
    });
    await expect(world.verify(path, id, { signal: stop.signal })).rejects.toThrow("stop");
  });
});

const md5Of = (bytes: Buffer, index: number): string =>
  createHash("md5")
    .update(bytes.subarray(index * partBytes, (index + 1) * partBytes))
    .digest("base64");

const verifyingOf = (world: World): readonly TransferProgress[] =>
  world.told.filter(({ phase }) => phase === "verifying");
