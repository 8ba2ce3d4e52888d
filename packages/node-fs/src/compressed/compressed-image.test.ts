import { utimes, writeFile } from "node:fs/promises";
import { FormatUnsupportedError, type Finding } from "../index.js";
import { MiB } from "@img/transfer";
import { expect, test } from "vitest";
import { madeGpt } from "../../../disk-formats/src/testing/made-gpt.js";
import { checkImage } from "../check-image.js";
import { disk, kinds, packed, partBytes } from "../testing/packed-disk.js";
import { diskOf, gzip, hasPackers, packers, xz } from "../testing/packers.js";
import { sha256Of } from "../testing/seeded.js";
import { openWorld, type World } from "../testing/world.js";
import { listTransfers, resumeUpload } from "../transfers.js";

/** Of which more is to be read when its first part has arrived. */
const longer = gzip(diskOf(2 * partBytes + 12_345));

/** Ends an upload at its second part. */
async function interrupt(world: World, path: string): Promise<void> {
  const fault = { on: "part", do: "answer", status: 400 } as const;
  world.server.faults.add({ ...fault, partId: 2 });
  await expect(world.upload(path, { lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
  world.server.faults.clear();
}

test.runIf(hasPackers).each(kinds)(
  "a %s file goes up as the raw disk that it unpacks to",
  async (kind) => {
    const world = await openWorld();
    const path = await world.file("disk.packed", packed[kind]);
    const result = await world.upload(path, {
      expectedSha256: sha256Of(disk),
      sourceSha256: sha256Of(packed[kind]),
    });
    expect(result).toMatchObject({ sizeBytes: disk.length, sha256: sha256Of(disk) });
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
    expect(await world.upload(path)).toMatchObject({ sentBytes: 0, sizeBytes: disk.length });
  },
);

test.runIf(hasPackers).each(kinds)(
  "an interrupted upload of a %s file is resumed",
  async (kind) => {
    const world = await openWorld();
    const path = await world.file("disk.packed", packed[kind]);
    await interrupt(world, path);
    const { stateDir, client } = world;
    const [unfinished] = await listTransfers({ stateDir });
    expect(unfinished).toMatchObject({
      format: kind,
      file: path,
      partsDone: 1,
      doneBytes: partBytes,
    });
    const result = await resumeUpload("disk.packed", { stateDir, client });
    expect(result).toMatchObject({ resumed: true, sizeBytes: disk.length });
    expect(result.sentBytes).toBe(disk.length - partBytes);
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
  },
);

// fault D27
test.runIf(hasPackers)("a compressed file that was touched between runs is resumed", async () => {
  const world = await openWorld();
  const path = await world.file("disk.zst", packed.zstd);
  await interrupt(world, path);
  await utimes(path, 1, 1);
  const result = await world.upload(path);
  expect(result.sentBytes).toBe(disk.length - partBytes);
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
});

// fault D26
test.runIf(hasPackers)(
  "a compressed file that unpacks to other bytes between runs is another one",
  async () => {
    const world = await openWorld();
    const path = await world.file("disk.zst", packed.zstd);
    await interrupt(world, path);
    const other = Buffer.from(disk);
    other[100_000]! ^= 1;
    await writeFile(path, packers.zstd(other));
    await expect(world.upload(path)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  },
);

test.runIf(hasPackers)("the same disk packed in another way is resumed", async () => {
  const world = await openWorld();
  await interrupt(world, await world.file("disk", packed.zstd));
  const path = await world.file("disk", packed.gzip);
  const result = await world.upload(path);
  expect(result.sentBytes).toBe(disk.length - partBytes);
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
});

// fault D64
test.runIf(hasPackers).each(kinds)(
  "a %s file that is cut off completes nothing, and says where",
  async (kind) => {
    const world = await openWorld();
    const cut = packed[kind].subarray(0, packed[kind].length - 1000);
    const path = await world.file("disk.packed", cut);
    await expect(world.upload(path)).rejects.toMatchObject({
      code: "COMPRESSED_DAMAGED",
      offset: expect.any(Number) as number,
      message: expect.stringContaining(`of ${cut.length})`) as string,
    });
    const { data } = (await world.api("GET", "")) as { data: { upload_status: string }[] };
    expect(data.map(({ upload_status }) => upload_status)).not.toContain("completed");
    await writeFile(path, packed[kind]);
    const result = await world.upload(path);
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
  },
);

// fault D64
test("a compressed file that is damaged at its start is found before anything is created", async () => {
  const world = await openWorld();
  const bytes = gzip(disk.subarray(0, MiB));
  const path = await world.file("disk.gz", bytes.fill(0, 20, 400));
  await expect(world.upload(path)).rejects.toMatchObject({ code: "COMPRESSED_DAMAGED" });
  expect(await world.api("GET", "")).toMatchObject({ data: [] });
});

test.runIf(hasPackers)(
  "what needs too much memory to be unpacked is refused with the command that helps",
  async () => {
    const world = await openWorld();
    const path = await world.file("disk.img.xz", xz(Buffer.alloc(100), "--lzma2=dict=512MiB"));
    await expect(world.upload(path)).rejects.toMatchObject({
      code: "COMPRESSED_UNSUPPORTED",
      message: expect.stringContaining(
        `xz -dk ${path} && img upload ${world.path("disk.img")}`,
      ) as string,
    });
    expect(await world.api("GET", "")).toMatchObject({ data: [] });
  },
);

test("a disk image in a compressed file is refused with the command that helps", async () => {
  const world = await openWorld();
  const path = await world.file("disk.qcow2.gz", gzip(Buffer.from("QFI\xfb and more", "latin1")));
  const uploading = world.upload(path);
  await expect(uploading).rejects.toThrow(FormatUnsupportedError);
  await expect(uploading).rejects.toThrow(
    `gzip -dk ${path} && img upload ${world.path("disk.qcow2")}`,
  );
  expect(await world.api("GET", "")).toMatchObject({ data: [] });
});

test("format raw sends a compressed file as it is", async () => {
  const world = await openWorld();
  const bytes = gzip(disk.subarray(0, MiB));
  const result = await world.upload(await world.file("disk.gz", bytes), { format: "raw" });
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(bytes));
});

test("a format that the file is not is refused before anything is created", async () => {
  const world = await openWorld();
  const path = await world.file("disk.gz", gzip(disk.subarray(0, MiB)));
  for (const [file, format] of [
    [path, "xz"],
    [await world.file("raw", disk), "gzip"],
  ] as const) {
    await expect(world.upload(file, { format })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  }
  expect(await world.api("GET", "")).toMatchObject({ data: [] });
});

test.each([
  ["expectedSha256", /The disk in .* has SHA-256/, [1, 0]],
  ["sourceSha256", /Nothing was sent/, [0, 0]],
] as const)("another %s completes nothing", async (option, message, [started]) => {
  const world = await openWorld();
  const path = await world.file("disk.gz", gzip(disk.subarray(0, MiB)));
  const uploading = world.upload(path, { [option]: "0".repeat(64) });
  await expect(uploading).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  await expect(uploading).rejects.toThrow(message);
  const { data } = (await world.api("GET", "")) as { data: { upload_status: string }[] };
  expect(data.map(({ upload_status }) => upload_status)).toEqual(started ? ["uploading"] : []);
});

test("an empty disk in a compressed file is refused", async () => {
  const world = await openWorld();
  const path = await world.file("disk.gz", gzip(Buffer.alloc(0)));
  await expect(world.upload(path)).rejects.toMatchObject({ code: "IMAGE_SIZE", sizeBytes: 0 });
});

// fault D25
test("a compressed file that is cut off while it is sent is a changed one", async () => {
  const world = await openWorld();
  const path = await world.file("disk.gz", longer);
  const uploading = world.upload(path, {
    lanes: 1,
    memoryBytes: partBytes,
    onPart: () => void writeFile(path, longer.subarray(0, longer.length / 2)),
  });
  await expect(uploading).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});

test("the check of a compressed disk is that of what it unpacks to", async () => {
  const world = await openWorld();
  const zeros = Buffer.alloc(3 * MiB);
  const path = await world.file("zeros.gz", gzip(zeros));
  const plain = await checkImage(await world.file("zeros", zeros));
  expect(await checkImage(path)).toEqual({ ...plain, format: "gzip" });
  const found: Finding[] = [];
  await world.upload(path, { onFinding: (finding) => void found.push(finding) });
  expect(found.map(({ code }) => code)).toEqual(["LOOKS_EMPTY"]);
  const strict = world.upload(path, { name: "strict", check: "strict" });
  await expect(strict).rejects.toMatchObject({ code: "CHECK_FAILED" });
});

test("the check of a large compressed disk says nothing of its end", async () => {
  const world = await openWorld();
  const bytes = Buffer.concat([madeGpt(100 * MiB).subarray(0, MiB), Buffer.alloc(40 * MiB)]);
  const { findings, ...checked } = await checkImage(await world.file("disk.gz", gzip(bytes)));
  expect(checked).toMatchObject({ sizeBytes: null, format: "gzip", table: "gpt" });
  expect(findings.map(({ code }) => code)).toEqual(["EFI_PARTITION_NOT_FAT"]);
});
