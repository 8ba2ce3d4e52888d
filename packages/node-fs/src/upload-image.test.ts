import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, open, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { SfcCore } from "@img/core/core.js";
import { uploadImage } from "./upload.js";
import { MiB, partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { openWorld, type World } from "./testing/world.js";

test.each([
  ["1 byte", 1],
  ["a part less a byte", partBytes - 1],
  ["a part", partBytes],
  ["a part and a byte", partBytes + 1],
  ["two parts", 2 * partBytes],
])("an image of %s goes up whole", async (_, sizeBytes) => {
  const world = await openWorld();
  const bytes = seededBytes("size", sizeBytes);
  const path = await world.file("image.raw", bytes);

  const result = await world.upload(path);

  expect(result).toMatchObject({ sha256: sha256Of(bytes), sizeBytes, sentBytes: sizeBytes });
  expect(result.image).toMatchObject({ name: "image.raw", uploadStatus: "completed" });
  const part = Math.ceil(sizeBytes / partBytes);
  expect(world.server.requests).toMatchObject({ create: 1, part, complete: 1 });
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(bytes));
});

test("an image of a few hundred parts goes up whole, each part once", async () => {
  const sha256 = sha256OfZeros(200);
  const store = await startDiscardingStore((id) => {
    const body = JSON.stringify({ ...completed, id, sha256 });
    world.server.faults.add({ on: "complete", do: "answer", status: 200, body });
  });
  const world = await openWorld({ publicUrl: store.url });
  const path = await world.file("image.raw", new Uint8Array());
  await sparse(path, 200 * partBytes);

  const result = await world.upload(path);

  expect(result).toMatchObject({ sha256, sizeBytes: 200 * partBytes });
  expect(store.arrivedBytes).toEqual(Array.from({ length: 200 }, () => partBytes));
  expect(world.told.at(-1)).toMatchObject({ partsDone: 200, partsTotal: 200 });
});

const completed = {
  object: "image",
  name: "image.raw",
  upload_status: "completed",
  created_at: 1_700_000_000,
};

/**
 * A gibibyte is too much to keep for a test: it counts what arrives, by part from 1, and forgets it.
 *
 * @param onImage Is told the image's id with its first part.
 */
async function startDiscardingStore(
  onImage: (id: string) => void,
): Promise<{ url: string; arrivedBytes: number[] }> {
  const arrivedBytes: number[] = [];
  let id: string | undefined;
  const store = createServer((request, response) => {
    if (id === undefined) onImage((id = /image_[\w-]+/.exec(request.url!)![0]));
    const index = Number(/parts\/(\d+)/.exec(request.url!)![1]) - 1;
    request.on("data", ({ length }: Buffer) => {
      arrivedBytes[index] = (arrivedBytes[index] ?? 0) + length;
    });
    request.on("end", () => response.setHeader("ETag", '"discarded"').end());
  });
  await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => store.close(() => resolve())));
  return { url: `http://127.0.0.1:${(store.address() as AddressInfo).port}`, arrivedBytes };
}

function sha256OfZeros(parts: number): string {
  const [hash, zeros] = [createHash("sha256"), Buffer.alloc(partBytes)];
  for (let part = 0; part < parts; part++) hash.update(zeros);
  return hash.digest("hex");
}

// fault D28
test("what goes wrong before anything is created is a typed error that helps", async () => {
  const world = await openWorld();
  await mkdir(world.path("folder"));
  await world.file("empty", new Uint8Array());
  execFileSync("mkfifo", [world.path("fifo")]);
  await sparse(await world.file("huge", new Uint8Array()), 128 * 1024 * MiB + 1);
  await world.file("good", seededBytes("good", 100));

  await refuses(world, "missing", {}, "SOURCE_UNUSABLE", /There is no file .*missing/);
  await refuses(world, "good/below", {}, "SOURCE_UNUSABLE", /There is no file/);
  await refuses(world, "folder", {}, "SOURCE_UNUSABLE", /is a folder/);
  await refuses(world, "fifo", {}, "SOURCE_UNUSABLE", /is a pipe.* only once/);
  const device = {
    code: "SOURCE_UNUSABLE",
    message: expect.stringContaining("not a regular") as string,
  };
  await expect(world.upload("/dev/null")).rejects.toMatchObject(device);
  await refuses(world, "empty", {}, "IMAGE_SIZE", /The file is empty/);
  await refuses(world, "huge", {}, "IMAGE_SIZE", /from 1 byte to 128 GiB/);
  await refuses(world, "good", { name: "-bad" }, "INVALID_OPTION", /^name must be 1 to 255/);
  await refuses(world, "good", { name: "" }, "INVALID_OPTION", /^name must be 1 to 255/);
  await refuses(world, "good", { lanes: 0 }, "INVALID_OPTION", /^lanes must be .* 1 to 32/);
  await refuses(world, "good", { partBytes: 0.5 }, "INVALID_OPTION", /^partBytes must be/);
  await refuses(world, "good", { stallMs: -1 }, "INVALID_OPTION", /^stallMs must be/);
  await refuses(world, "good", { memoryBytes: 99 }, "INVALID_OPTION", /at least one part/);
  await refuses(
    world,
    "good",
    { maxBytesPerSecond: NaN },
    "INVALID_OPTION",
    /^maxBytesPerSecond must/,
  );
  const ifNameTaken = "overwrite" as "verify";
  await refuses(world, "good", { ifNameTaken }, "INVALID_OPTION", /one of fail, replace/);
  expect(world.server.requests.create).toBe(0);
});

// fault D28
test("a source that this user may not read is refused before the API is called", async () => {
  const world = await openWorld();
  const path = await world.file("secret", seededBytes("secret", 100));
  await chmod(world.folder, 0o755);
  await chmod(path, 0);
  await asUserWithoutRights(() =>
    refuses(world, "secret", {}, "SOURCE_UNUSABLE", /permission denied/),
  );
  expect(world.server.requests.create).toBe(0);
});

/** Root may read everything, so it becomes nobody for this. */
async function asUserWithoutRights(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

async function refuses(
  world: World,
  file: string,
  options: Parameters<typeof uploadImage>[1],
  code: string,
  message: RegExp,
): Promise<void> {
  await expect(world.upload(world.path(file), options), file).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
}

test.skipIf(process.getuid?.() === 0)("an unreadable file is refused", async () => {
  const world = await openWorld();
  await chmod(await world.file("secret", seededBytes("secret", 10)), 0o000);
  await refuses(world, "secret", {}, "SOURCE_UNUSABLE", /Could not open/);
  expect(world.server.requests.create).toBe(0);
});

test("a wrong token is said to be one, and nothing is created", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", seededBytes("token", 100));
  const client = new SfcCore({ serverURL: world.server.url, bearerAuth: "not-the-right-token" });

  await expect(world.upload(path, { client })).rejects.toMatchObject({
    code: "NOT_AUTHORIZED",
    message: expect.stringContaining("SFC_BEARER_AUTH") as string,
  });
  expect(await world.api("GET", "")).toMatchObject({ data: [] });
});

test("without a client and without the environment's, it says which variable is missing", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", seededBytes("env", 100));
  await expect(world.upload(path, { client: undefined })).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("SFC_SERVER_URL") as string,
  });
});

test("a name that another image has is NameTakenError, with its id and state, and nothing is sent", async () => {
  const world = await openWorld();
  const taken = await world.image("image.raw", seededBytes("other", 100));
  const path = await world.file("image.raw", seededBytes("ours", 100));

  await expect(world.upload(path)).rejects.toMatchObject({
    code: "NAME_TAKEN",
    imageId: taken,
    uploadStatus: "completed",
    message: expect.stringContaining("ifNameTaken") as string,
  });
  expect(world.server.requests.partUrl).toBe(1); // the other image's
});

test("ifNameTaken verify takes a completed image with the same bytes, and no other", async () => {
  const world = await openWorld();
  const bytes = seededBytes("same", 100);
  const id = await world.image("image.raw", bytes);
  const path = await world.file("image.raw", bytes);

  const result = await world.upload(path, { ifNameTaken: "verify" });
  expect(result).toMatchObject({ image: { id }, sentBytes: 0, sha256: sha256Of(bytes) });

  const other = await world.file("other.raw", seededBytes("other", 100));
  const verify = world.upload(other, { name: "image.raw", ifNameTaken: "verify" });
  await expect(verify).rejects.toMatchObject({ code: "NAME_TAKEN" });
});

test("ifNameTaken replace-unfinished replaces what was never completed, and nothing else", async () => {
  const world = await openWorld();
  await world.api("POST", "", { name: "unfinished.raw" });
  await world.image("finished.raw", seededBytes("finished", 100));
  const path = await world.file("image.raw", seededBytes("ours", 100));
  const ifNameTaken = "replace-unfinished";

  const { image } = await world.upload(path, { name: "unfinished.raw", ifNameTaken });
  expect(image.uploadStatus).toBe("completed");
  const finished = world.upload(path, { name: "finished.raw", ifNameTaken });
  await expect(finished).rejects.toMatchObject({ code: "NAME_TAKEN" });
});

test("the journal is gone when the upload is done", async () => {
  const world = await openWorld();
  const path = await world.file("image.raw", seededBytes("journal", 100));
  await world.upload(path);
  await expect(rm(world.stateDir, { recursive: true })).resolves.toBeUndefined();
  const again = world.upload(path);
  await expect(again).rejects.toMatchObject({ code: "NAME_TAKEN" });
});

async function sparse(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, "r+");
  await file.truncate(sizeBytes);
  await file.close();
}
