import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir, open, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { download, findImage, NotEnoughSpaceError } from "@img/transfer";
import { openFileSink } from "./files/file-sink.js";
import { realFileSystem } from "@img/files";
import { partPathOf } from "./files/file-target.js";
import { journalBeside } from "./journals/journal-store.js";
import { nodePlatform } from "./platform.js";
import { fastClock } from "./testing/fast-clock.js";
import { receiptsIn } from "./testing/receipts.js";
import { MiB, partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { whenAsked } from "./testing/when-asked.js";
import { openWorld, sha256OfFile, type World } from "./testing/world.js";

vi.mock(import("./clock.js"), async () => ({
  systemClock: (await import("./testing/fast-clock.js")).fastClock,
}));

const bytes = seededBytes("download", partBytes + 1000);

test.each([1, partBytes - 1, partBytes, partBytes + 1, 2 * partBytes])(
  "an image of %i bytes comes down whole, by id and by name",
  async (sizeBytes) => {
    const world = await openWorld();
    const image = seededBytes("size", sizeBytes);
    const id = await world.image("image", image);

    const byId = await world.download(id, world.path("by-id"));
    await world.download("image", world.path("by-name"));

    const sha256 = sha256Of(image);
    expect(byId).toMatchObject({ sha256, verified: true, sizeBytes, receivedBytes: sizeBytes });
    expect(await sha256OfFile(world.path("by-id"))).toBe(sha256);
    expect(await sha256OfFile(world.path("by-name"))).toBe(sha256);
    expect(existsSync(partPathOf(world.path("by-id")))).toBe(false);
    expect(existsSync(`${partPathOf(world.path("by-id"))}.journal`)).toBe(false);
  },
);

test("an unfinished image, and one that is not there, are errors that help", async () => {
  const world = await openWorld();
  await world.api("POST", "", { name: "unfinished" });
  await refuses(world, "unfinished", "target", "IMAGE_NOT_READY", /Finish its upload/);
  await refuses(world, "missing", "target", "IMAGE_NOT_FOUND", /No image has the id or name/);
  await refuses(world, "no/name", "target", "INVALID_OPTION", /an image's id or name/);
  expect(existsSync(world.path("target"))).toBe(false);
});

test("a target that may not be written is an error that helps, before anything is asked", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  await mkdir(world.path("folder"));
  await world.file("file", Buffer.from("mine"));
  await symlink("nowhere", world.path("dangling"));
  await symlink("file", world.path("link"));

  await refuses(world, "image", "folder", "TARGET_EXISTS", /is a folder/);
  await refuses(world, "image", "file", "TARGET_EXISTS", /already there.*allow overwriting/);
  await refuses(world, "image", "dangling", "TARGET_EXISTS", /a symbolic link, which is not/);
  await refuses(world, "image", "link", "TARGET_EXISTS", /a symbolic link, which is not/);
  await refuses(world, "image", "missing/target", "TARGET_UNUSABLE", /no folder .* Make it first/);
  await refuses(world, "image", "file/target", "TARGET_UNUSABLE", /no folder/);
  expect(await readFile(world.path("file"), "utf8")).toBe("mine");
  expect(world.server.requests.downloadUrl).toBe(0);
});

test.each(["file", "nowhere"])(
  "a link to %s where the part file goes is not followed",
  async (linkedTo) => {
    const world = await openWorld();
    await world.image("image", bytes);
    await world.file("file", Buffer.from("mine"));
    await symlink(linkedTo, partPathOf(world.path("target")));

    await refuses(
      world,
      "image",
      "target",
      "TARGET_UNUSABLE",
      /target\.img-part is a symbolic link/,
    );
    expect(await readFile(world.path("file"), "utf8")).toBe("mine");
    expect(existsSync(world.path("nowhere"))).toBe(false);
    expect(existsSync(world.path("target"))).toBe(false);
  },
);

// fault D29
test("overwrite replaces a file when the image is whole, and never a link or a folder", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = await world.file("file", Buffer.from("mine"));
  await mkdir(world.path("folder"));
  await symlink("file", world.path("link"));

  await refuses(world, "image", "folder", "TARGET_EXISTS", /a folder/, { overwrite: true });
  await refuses(world, "image", "link", "TARGET_EXISTS", /a symbolic link/, { overwrite: true });
  await world.download("image", target, { overwrite: true });
  expect(await sha256OfFile(target)).toBe(sha256Of(bytes));
});

test("a file that is the image already is not fetched again where ifExists says verify", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = await world.file("target", bytes);
  const before = await stat(target);

  const result = await world.download("image", target, { ifExists: "verify" });

  const sha256 = sha256Of(bytes);
  expect(result).toMatchObject({ sha256, verified: true, receivedBytes: 0, resumed: true });
  expect(world.server.requests.download).toBe(0);
  expect((await stat(target)).ino).toBe(before.ino);
});

test("a file with other bytes is no image already: it stays, unless it may be overwritten", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  const other = seededBytes("other", bytes.length);
  for (const content of [other, bytes.subarray(1)]) {
    const target = await world.file("target", content);
    await expect(world.download("image", target, { ifExists: "verify" })).rejects.toMatchObject({
      code: "TARGET_EXISTS",
    });
    expect(await sha256OfFile(target)).toBe(sha256Of(content));
    await world.download("image", target, { ifExists: "verify", overwrite: true });
    expect(await sha256OfFile(target)).toBe(sha256Of(bytes));
  }
});

test("where the service tells no digest, ifExists cannot verify and leaves the file", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = await world.file("target", bytes);
  world.server.faults.add({ on: "downloadUrl", do: "edit", json: { sha256: null } });
  await expect(world.download("image", target, { ifExists: "verify" })).rejects.toMatchObject({
    code: "TARGET_EXISTS",
  });
});

test("with ifExists verify, links and folders are refused as ever", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  await world.file("file", bytes);
  await symlink("file", world.path("link"));
  await mkdir(world.path("folder"));
  for (const name of ["link", "folder"]) {
    await expect(
      world.download("image", world.path(name), { ifExists: "verify" }),
    ).rejects.toMatchObject({ code: "TARGET_EXISTS" });
  }
});

test("overwrite leaves the file as it was until the image is whole", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = await world.file("file", Buffer.from("mine"));
  world.server.faults.add({ on: "download", nth: 1, do: "flip-bit" });
  const broken = world.download("image", target, { overwrite: true });
  await expect(broken).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  expect(await readFile(target, "utf8")).toBe("mine");
});

// fault D29
test.each<readonly [string, (path: string) => void, boolean]>([
  ["a file", (path) => writeFileSync(path, "mine"), false],
  ["a folder", (path) => mkdirSync(path), false],
  ["a link", (path) => symlinkSync("elsewhere", path), false],
  ["a folder", (path) => mkdirSync(path), true],
  ["a link", (path) => symlinkSync("elsewhere", path), true],
])("%s that appears at the target in the middle is not replaced", async (_, appear, overwrite) => {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = world.path("target");
  whenAsked(world, "download", 1, () => appear(target));

  const interrupted = world.download("image", target, { overwrite });
  await expect(interrupted).rejects.toMatchObject({ code: "TARGET_EXISTS" });

  await rm(target, { recursive: true });
  const result = await world.download("image", target);
  expect(result.sha256).toBe(sha256Of(bytes));
  expect(await sha256OfFile(target)).toBe(sha256Of(bytes));
});

test("a part file that was replaced in the middle is not taken for the image", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = world.path("target");
  whenAsked(world, "download", 2, () => {
    rmSync(partPathOf(target));
    writeFileSync(partPathOf(target), "other");
  });
  await expect(world.download("image", target)).rejects.toMatchObject({ code: "DISK" });
  expect(existsSync(target)).toBe(false);
});

test("runs of zeros are holes on the disk", async () => {
  const world = await openWorld();
  const image = sparseImage();
  await world.image("image", image);
  const target = world.path("target");
  await world.download("image", target);
  expect(await sha256OfFile(target)).toBe(sha256Of(image));
  expect((await stat(target)).blocks * 512).toBeLessThan(3 * MiB);

  await world.download("image", world.path("full"), { sparse: false });
  expect((await stat(world.path("full"))).blocks * 512).toBeGreaterThanOrEqual(image.length);
});

test("a download whose last part so far ends in zeros continues", async () => {
  const world = await openWorld();
  const image = sparseImage();
  await world.image("image", image);
  const target = world.path("target");
  await stopped(world, target);
  const result = await world.download("image", target);
  expect(result).toMatchObject({ resumed: true, receivedBytes: 2 * partBytes });
  expect(await sha256OfFile(target)).toBe(sha256Of(image));
});

test("an image of nothing but zeros has its size, and hardly a block", async () => {
  const world = await openWorld();
  const image = Buffer.alloc(partBytes + 7);
  await world.image("image", image);
  await world.download("image", world.path("target"));
  expect(await sha256OfFile(world.path("target"))).toBe(sha256Of(image));
  expect((await stat(world.path("target"))).blocks * 512).toBeLessThanOrEqual(2 * 4096);
});

// fault D30
test("a part file that holds other bytes where the image has zeros becomes the image all the same", async () => {
  const world = await openWorld();
  const image = sparseImage();
  await world.image("image", image);
  const target = world.path("target");
  await writeFile(partPathOf(target), seededBytes("another image", image.length + 5 * MiB));
  await world.download("image", target);
  expect(await sha256OfFile(target)).toBe(sha256Of(image));
  expect((await stat(target)).size).toBe(image.length);
});

test("bytes of an earlier try without a receipt, where the image has zeros, are overwritten", async () => {
  const world = await openWorld();
  const image = sparseImage();
  await world.image("image", image);
  const target = world.path("target");
  await stopped(world, target);
  const part = await open(partPathOf(target), "r+");
  await part.write(seededBytes("garbage", partBytes), 0, partBytes, partBytes);
  await part.close();

  const result = await world.download("image", target);

  expect(result.resumed).toBe(true);
  expect(await sha256OfFile(target)).toBe(sha256Of(image));
});

test("a part with a receipt whose bytes are others now is found out", async () => {
  const world = await openWorld();
  await world.image("image", sparseImage());
  const target = world.path("target");
  await stopped(world, target);
  const part = await open(partPathOf(target), "r+");
  await part.write(Buffer.from("other"), 0, 5, 100);
  await part.close();
  await expect(world.download("image", target)).rejects.toMatchObject({ code: "DISK" });
  expect(existsSync(target)).toBe(false);
});

test("a part file that became shorter than its receipts say is found out", async () => {
  const world = await openWorld();
  await world.image("image", sparseImage());
  const target = world.path("target");
  await stopped(world, target);
  await truncate(partPathOf(target), 1000);
  await expect(world.download("image", target)).rejects.toThrow(Error);
  expect(existsSync(target)).toBe(false);
});

test("another image under the same name starts over in the place of the old part file", async () => {
  const world = await openWorld();
  const id = await world.image("image", sparseImage());
  const target = world.path("target");
  await stopped(world, target);
  await world.api("DELETE", `/${id}`);
  await world.image("image", bytes);
  const result = await world.download("image", target);
  expect(result).toMatchObject({ resumed: false, receivedBytes: bytes.length });
  expect(await sha256OfFile(target)).toBe(sha256Of(bytes));
});

test("where room is required, a disk without enough of it is an error before a part is fetched", async () => {
  const world = await openWorld();
  await world.image("image", bytes);
  const target = world.path("target");
  const full = { ...realFileSystem, freeBytes: async () => 1000 };
  const rules = { overwrite: false, sparse: true, requireSpace: true };
  const sink = await openFileSink(target, rules, full);
  const platform = nodePlatform(journalBeside(partPathOf(target)), sink.partPath);
  const { client } = world;
  const image = await findImage({ client, platform }, "image", {});
  const task = { client, server: world.server.url, image, sink, platform };

  const error = await download(task, {}).catch((thrown: unknown) => thrown);
  await sink.close();

  expect(error).toBeInstanceOf(NotEnoughSpaceError);
  expect(error).toMatchObject({ neededBytes: bytes.length, freeBytes: 1000 });
  expect(world.server.requests.download).toBe(1); // of its first part nothing was taken
});

/** Data, zeros in the middle of the second part and at the end, and data between them. */
function sparseImage(): Buffer {
  const image = Buffer.alloc(3 * partBytes);
  seededBytes("a", MiB).copy(image, 0);
  seededBytes("b", 1000).copy(image, 2 * partBytes - 1000);
  return image;
}

/** A download whose first part has a receipt, and no other. */
async function stopped(world: World, target: string): Promise<void> {
  world.server.faults.add({ on: "download", nth: 2, times: Infinity, do: "stall" });
  const controller = new AbortController();
  fastClock.run(10); // receipts are written each second
  const stopping = world.download("image", target, { lanes: 1, signal: controller.signal });
  await receiptsIn(journalBeside(partPathOf(target)), 1);
  controller.abort(new Error("stopped"));
  await expect(stopping).rejects.toThrow("stopped");
  world.server.faults.clear();
}

async function refuses(
  world: World,
  idOrName: string,
  target: string,
  code: string,
  message: RegExp,
  options: Parameters<World["download"]>[2] = {},
): Promise<void> {
  const path = join(world.folder, target);
  await expect(world.download(idOrName, path, options), target).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
}
