import { expect, test } from "vitest";
import { readVector } from "../../disk-formats/src/testing/read-vector.js";
import { runChild } from "./testing/child.js";
import { receiptsIn } from "./testing/receipts.js";
import { fileJournals } from "./journals/journal-store.js";
import { partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { serve } from "./testing/web-server.js";
import { openWorld } from "./testing/world.js";

/** A part of the length that an image of unknown size has. */
const longPart = 14 * 1024 * 1024;
const bytes = seededBytes("without ranges", 2 * longPart + 4_321);

/** A web server that answers each request with the whole file. */
class WholeFile {
  bytes: Uint8Array = bytes;
  etag: string | null = '"1"';
  tells = true;
  asked = 0;
  /** How many bytes of the next answers are sent before they break off. */
  readonly breaks: number[] = [];

  serve(): Promise<URL> {
    return serve((request, answer) => {
      const isProbe = request.headers.range !== undefined;
      if (!isProbe) this.asked++;
      const match = request.headers["if-match"];
      if (match !== undefined && match !== this.etag) return void answer.writeHead(412).end();
      answer.writeHead(200, {
        ...(this.etag !== null && { ETag: this.etag }),
        ...(this.tells && { "Content-Length": String(this.bytes.length) }),
      });
      const at = isProbe ? undefined : this.breaks.shift();
      if (at === undefined) answer.end(this.bytes);
      else answer.write(this.bytes.subarray(0, at), () => answer.destroy());
    });
  }
}

// fault U08
test.each([true, false])(
  "a server without ranges is read from start to end, whether it tells the length or not (%s)",
  async (tells) => {
    const world = await openWorld();
    const file = new WholeFile();
    file.tells = tells;
    const result = await world.upload(await file.serve(), { format: "raw" });
    expect(result).toMatchObject({ sha256: sha256Of(bytes), sizeBytes: bytes.length });
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(bytes));
    expect(file.asked).toBe(1);
  },
);

// fault U08
test("an answer that breaks off begins again, and what came before is passed over", async () => {
  const world = await openWorld();
  const file = new WholeFile();
  file.breaks.push(100_000, longPart + 5, 50_000);
  const result = await world.upload(await file.serve(), { format: "raw" });
  expect(result.sha256).toBe(sha256Of(bytes));
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(bytes));
  expect(file.asked).toBe(4);
});

// fault U01
test("an answer that breaks off and begins again with other bytes is SOURCE_CHANGED", async () => {
  const world = await openWorld();
  const file = new WholeFile();
  file.etag = null;
  file.breaks.push(longPart);
  const url = await file.serve();
  const uploading = world.upload(url, { format: "raw" });
  await expect.poll(() => file.asked).toBe(1);
  file.bytes = seededBytes("others", bytes.length);
  await expect(uploading).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  expect(world.server.requests.complete).toBe(0);
});

// fault U05
test("after kill -9 the file is read from its start again, and only parts without a receipt are sent", async () => {
  const world = await openWorld();
  const file = new WholeFile();
  const url = await file.serve();
  world.server.faults.add({ on: "part", nth: 2, times: Infinity, do: "stall", afterBytes: 1000 });
  const options = JSON.stringify({ stateDir: world.stateDir, partBytes, lanes: 1, format: "raw" });
  const child = runChild(world, `img.uploadImage(new URL("${url.href}"), ${options})`);
  await receiptsIn(fileJournals(world.stateDir), 1);
  await child.kill();
  world.server.faults.clear();

  const result = await world.upload(url, { format: "raw" });

  expect(result).toMatchObject({ resumed: true, sha256: sha256Of(bytes) });
  expect(result.sentBytes).toBeLessThan(bytes.length);
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(bytes));
  expect(await world.upload(url)).toMatchObject({ sentBytes: 0 });
});

test("a disk image, and a strict check, need a server with ranges", async () => {
  const world = await openWorld();
  const file = new WholeFile();
  const url = await file.serve();
  await expect(world.upload(url, { check: "strict" })).rejects.toMatchObject({
    code: "SOURCE_UNUSABLE",
    message: expect.stringContaining("cannot be checked before it is sent") as string,
  });
  file.bytes = readVector("qcow2", "version-3.hex").image;
  await expect(world.upload(url)).rejects.toMatchObject({
    code: "SOURCE_UNUSABLE",
    message: expect.stringContaining(
      "is a qcow2 image, which must be read at any offset",
    ) as string,
  });
  expect(world.server.requests.create).toBe(0);
  const raw = await world.upload(url, { format: "raw" });
  expect(raw.sha256).toBe(sha256Of(file.bytes));
});

test("an empty answer is IMAGE_SIZE", async () => {
  const world = await openWorld();
  const file = new WholeFile();
  file.bytes = new Uint8Array();
  await expect(world.upload(await file.serve())).rejects.toMatchObject({ code: "IMAGE_SIZE" });
});
