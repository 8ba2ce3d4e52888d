import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { diskBytes } from "../../../disk-formats/src/testing/disk-bytes.js";
import { hasQemuImg, qemuImg } from "../../../disk-formats/src/testing/qemu-img.js";
import { readVector } from "../../../disk-formats/src/testing/read-vector.js";
import { MiB, neverWhole, script, sha256Of } from "../testing/script.js";

const imageOf = (format: string, name: string): Uint8Array =>
  readVector(format, `${name}.hex`).image;

/** Returns the disk that `vmdk/monolithic-sparse.hex` contains. */
function disk(): Buffer {
  const bytes = Buffer.alloc(332_288);
  return bytes.fill(0xaa, 0, 65_536).fill(0xbb, 131_072, 131_584).fill(0xcc, 327_680, 328_380);
}

test("a disk image goes up as the raw disk, and the output says so", async () => {
  const { img, file } = await script();
  file("debian.img", imageOf("vmdk", "monolithic-sparse"));
  const ran = await img("upload", "debian.img");
  expect(ran.code).toBe(0);
  expect(ran.stderr).toBe("debian.img: vmdk: 133 KiB of data in a disk of 325 KiB\n");
  expect(ran.stdout).toContain("Uploaded debian.img: 325 KiB");
  expect(ran.stdout).toContain(sha256Of(disk()));
  expect((await img("verify", "debian.img", "debian.img")).code).toBe(0);
});

test("--format raw sends it as it is, with a warning", async () => {
  const { img, file } = await script();
  const sha256 = file("debian.vmdk", imageOf("vmdk", "monolithic-sparse"));
  const ran = await img("upload", "debian.vmdk", "--format", "raw");
  expect(ran.stdout).toContain(sha256);
  expect(ran.stderr).toContain("This is a vmdk image, and --format raw sends it as it is.");
  expect((await img("verify", "debian.vmdk", "debian.vmdk", "--format", "raw")).code).toBe(0);
});

test("--json tells what is uploaded", async () => {
  const { img, file } = await script();
  file("a.qcow2", imageOf("qcow2", "zstd"));
  const { events } = await img("upload", "a.qcow2", "--json");
  expect(events.find(({ event }) => event === "disk")).toEqual({
    event: "disk",
    file: "a.qcow2",
    name: "a.qcow2",
    format: "qcow2",
    variant: "version 3, zstd",
    sizeBytes: 5120,
    dataBytes: 2048,
    fileBytes: 3072,
  });
});

test("--dry-run describes the raw disk", async () => {
  const { img, file, server } = await script();
  file("a.vmdk", imageOf("vmdk", "stream-optimized"));
  file("a.raw", disk());
  await img("upload", "a.raw");
  const { code, stdout } = await img("upload", "a.vmdk", "--dry-run");
  expect(code).toBe(0);
  expect(stdout).toContain("  size    325 KiB; vmdk: 133 KiB of data in a disk of 325 KiB\n");
  expect(stdout).toMatch(/ {2}same {4}a\.raw \(image_[^)]+\) has the very same bytes\n/);
  expect(server.requests.create).toBe(1);
});

test("a damaged image ends with 7, one that needs another file with 2, each with what to do", async () => {
  const { img, file } = await script();
  file("damaged.qcow2", imageOf("qcow2", "truncated"));
  file("overlay.qcow2", imageOf("qcow2", "backing-file"));
  const damaged = await img("upload", "damaged.qcow2");
  expect(damaged.code).toBe(7);
  expect(damaged.stderr).toContain("The qcow2 image is damaged or incomplete");
  const overlay = await img("upload", "overlay.qcow2");
  expect(overlay.code).toBe(2);
  expect(overlay.stderr).toContain("qemu-img convert -O qcow2 IN OUT");
  const other = await img("upload", "overlay.qcow2", "--format", "vdi");
  expect(other.code).toBe(2);
  expect(other.stderr).toBe(
    "img: The file is not a vdi image, but qcow2.\n" +
      "     Leave --format out, or give --format raw to take the bytes as they are.\n",
  );
});

test("an upload that was begun as raw is resumed as raw", async () => {
  const { img, file, server } = await script();
  const image = Buffer.concat([imageOf("qcow2", "version-3"), Buffer.alloc(6 * MiB)]);
  const sha256 = file("a.qcow2", image);
  server.faults.add({ on: "part", partId: 2, do: "answer", status: 400 });
  const format = ["--format", "raw", "--part-size", "5M", "--lanes", "1"];
  expect((await img("upload", "a.qcow2", ...format)).code).toBe(1);
  server.faults.clear();
  const resumed = await img("transfers", "resume", "a.qcow2");
  expect(resumed.code).toBe(0);
  expect(resumed.stdout).toContain(sha256);
});

test("img convert writes the raw disk, once", async () => {
  const { img, file, dir } = await script();
  file("a.vmdk", imageOf("vmdk", "stream-optimized"));
  const ran = await img("convert", "a.vmdk", "a.raw");
  expect(ran.stderr).toBe("");
  expect(ran.stdout).toMatch(
    /^Converted a\.vmdk \(vmdk\) to a\.raw: 133 KiB of data in a disk of 325 KiB \(/,
  );
  expect(readFileSync(join(dir, "a.raw")).equals(disk())).toBe(true);
  expect(statSync(join(dir, "a.raw")).blocks * 512).toBeLessThan(300_000);
  const again = await img("convert", "a.vmdk", "a.raw");
  expect(again.code).toBe(5);
  const { code, events } = await img("convert", "a.vmdk", "a.raw", "--overwrite", "--json");
  expect(code).toBe(0);
  expect(events).toMatchObject([{ event: "converted", format: "vmdk", dataBytes: 135_680 }]);
});

test.runIf(hasQemuImg).each(["zlib", "zstd"])(
  "after kill -9 the same command resumes a qcow2 that is compressed by %s",
  async (compression) => {
    const { start, img, file, dir, server } = await script();
    const raw = diskBytes(20 * MiB + 512);
    for (let at = 0; at < raw.length; at += MiB) raw.fill(at / MiB + 1, at, at + 500_000);
    const sha256 = file("a.raw", raw);
    const made = ["-c", "-o", `compression_type=${compression}`];
    const convert = ["convert", "-f", "raw", "-O", "qcow2", ...made];
    await qemuImg(...convert, join(dir, "a.raw"), join(dir, "a.qcow2"));
    const held = neverWhole(server, 4);
    const killed = start("upload", "a.qcow2", "--part-size", "5M", "--json", "-v");
    await killed.event(({ event, partsDone }) => event === "progress" && Number(partsDone) > 0);
    killed.process.kill("SIGKILL");
    await killed.done;
    held.remove();
    const { events } = await img("upload", "a.qcow2", "--json");
    expect(events.at(-1)).toMatchObject({ event: "completed", sha256, resumed: true });
    expect(events.at(-1)!["sentBytes"]).toBeLessThan(raw.length);
  },
);
