import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { diskBytes } from "../../disk-formats/src/testing/disk-bytes.js";
import { readVector } from "../../disk-formats/src/testing/read-vector.js";
import { Chromium, type ChromiumPage } from "./testing/chromium.js";
import { loadedAtOnce } from "./testing/bundle-size.js";
import { partBytes, Rig, sha256Of } from "./testing/rig.js";
import { pageScripts, type Scripts } from "./testing/scripts.js";

let chromium: Chromium;
let scripts: Scripts;
beforeAll(async () => {
  [chromium, scripts] = await Promise.all([Chromium.unpack(), pageScripts("transfer-page.ts")]);
});
afterAll(() => chromium.close());

async function rigWith(image: Uint8Array): Promise<Rig<ChromiumPage>> {
  const rig = await Rig.open(chromium, scripts, image);
  onTestFinished(() => rig.close());
  return rig;
}

/** What the qcow2 images of the test data are of. */
function smallDisk(): Buffer {
  const disk = Buffer.alloc(5120);
  return disk.fill(0xaa, 0, 512).fill(0xbb, 1536, 2236).fill(0xcc, 4096, 4608);
}

test.each(["version-3", "deflate", "zstd", "subclusters"])(
  "a qcow2 (%s) goes up as the raw disk that it describes",
  async (name) => {
    const rig = await rigWith(readVector("qcow2", `${name}.hex`).image);
    const tab = await rig.openTab();
    const sha256 = sha256Of(smallDisk());
    expect(await tab.upload()).toEqual({ sha256, movedBytes: 5120, resumed: false });
  },
);

test('format "raw" sends the file as it is, and a damaged image is refused before anything is sent', async () => {
  const { image } = readVector("qcow2", "truncated.hex");
  const rig = await rigWith(image);
  const tab = await rig.openTab();
  expect(await tab.upload()).toMatchObject({ code: "FORMAT_DAMAGED" });
  expect(rig.server.requests.create).toBe(0);
  expect(await tab.upload({ format: "raw" })).toMatchObject({ sha256: sha256Of(image) });
});

test("an upload of a disk image resumes in another tab with what has no receipt", async () => {
  const disk = diskBytes(3 * partBytes + 512);
  for (let at = 0; at < disk.length; at += 64 * 1024) disk.fill(at >> 16, at, at + 20_000);
  const rig = await rigWith(vhdOf(disk));
  const tab = await rig.openTab();
  rig.server.faults.add({ on: "part", partId: 3, do: "stall" });
  await tab.beginUpload();
  await tab.reaches(2);
  await tab.page.close();
  const movedBytes = disk.length - 2 * partBytes;
  const goesOn = { sha256: sha256Of(disk), movedBytes, resumed: true };
  expect(await (await rig.openTab()).uploadOnceFree()).toEqual(goesOn);
});

/** A fixed VHD: the disk, and a footer. */
function vhdOf(disk: Uint8Array): Uint8Array {
  const footer = Buffer.from(readVector("vhd", "fixed.hex").image.subarray(-512));
  footer.writeBigUInt64BE(BigInt(disk.length), 48);
  footer.writeUInt32BE(0, 64);
  const sum = footer.reduce((total, byte) => total + byte, 0);
  footer.writeUInt32BE(~sum >>> 0, 64);
  return Buffer.concat([disk, footer]);
}

test("a page that uploads raw disks loads nothing of what reads the others", async () => {
  const { text } = await loadedAtOnce('export { uploadImage } from "../upload-image.js";');
  expect(text).toContain("conectix");
  expect(text).not.toContain("cxsparse");
});
