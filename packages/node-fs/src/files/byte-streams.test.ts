import { PassThrough, Writable } from "node:stream";
import { expect, test, vi } from "vitest";
import { partBytesFor, planParts, type DownloadResult, type UploadResult } from "@img/transfer";
import type { ByteStream } from "./byte-streams.js";
import { downloadStream, type DownloadToStreamOptions } from "../download.js";
import { fastClock } from "../testing/fast-clock.js";
import { MiB, partBytes, seededBytes, sha256Of } from "../testing/seeded.js";
import { openWorld, type World } from "../testing/world.js";
import { uploadStream, type UploadFromStreamOptions } from "../upload.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

/** A stream may become 128 GiB, which 10,000 parts must hold. */
const streamPart = partBytesFor(128 * 1024 * MiB, partBytes);

const image = seededBytes("stream", 2 * streamPart + 5);

/** As a pipe gives them: 64 KiB at a time. */
async function* pipe(bytes: Uint8Array, pieceBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

const up = (
  world: World,
  bytes: ByteStream,
  options: UploadFromStreamOptions = {},
): Promise<UploadResult> =>
  world.watched({ client: world.client, partBytes, ...options }, (watched) =>
    uploadStream(bytes, "piped", watched),
  );

const down = (
  world: World,
  out: Writable,
  options: DownloadToStreamOptions = {},
): Promise<DownloadResult> =>
  world.watched({ client: world.client, partBytes, ...options }, (watched) =>
    downloadStream("image", out, watched),
  );

const names = async (world: World): Promise<unknown> =>
  ((await world.api("GET", "")) as { data: { name: string }[] }).data.map(({ name }) => name);

test.each([1, streamPart - 1, streamPart, streamPart + 1])(
  "a stream of %i bytes goes up whole, although nobody knew how long it is",
  async (sizeBytes) => {
    const world = await openWorld();
    const bytes = image.subarray(0, sizeBytes);
    const done = await up(world, pipe(bytes));
    const sha256 = sha256Of(bytes);
    expect(done).toMatchObject({ sha256, sizeBytes, sentBytes: sizeBytes, resumed: false });
    expect(await world.storedSha256(done.image.id)).toBe(sha256);
  },
);

test("a part of a stream that fails is sent again from memory", async () => {
  const world = await openWorld();
  world.server.faults.add({ on: "part", do: "reset", afterBytes: MiB, times: 3 });
  world.server.faults.add({ on: "part", do: "answer", status: 400, code: "BadDigest" });
  fastClock.run(50);
  const done = await up(world, pipe(image));
  expect(await world.storedSha256(done.image.id)).toBe(sha256Of(image));
});

test("a stream is read no further ahead than the memory allows", async () => {
  const world = await openWorld();
  const { server } = world;
  let aheadBytes = 0;
  async function* watched(): AsyncGenerator<Uint8Array> {
    let readBytes = 0;
    for await (const bytes of pipe(image)) {
      yield bytes;
      readBytes += bytes.length;
      aheadBytes = Math.max(aheadBytes, readBytes - server.requests.part * streamPart);
    }
  }
  const memoryBytes = streamPart;
  await up(world, watched(), { memoryBytes });
  // What a request has begun with is still in memory until its answer is there.
  expect(aheadBytes).toBeLessThanOrEqual(memoryBytes);
});

test("an empty stream, one that fails and one that gives no bytes leave no image behind", async () => {
  const world = await openWorld();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield image.subarray(0, 1000);
    throw new Error("pipe broke");
  }
  async function* texts(): AsyncGenerator<Uint8Array> {
    yield "text" as unknown as Uint8Array;
  }
  for (const [bytes, code, message] of [
    [pipe(new Uint8Array()), "IMAGE_SIZE", /at least 1 byte/],
    [broken(), "SOURCE_UNUSABLE", /Could not read standard input: pipe broke/],
    [texts(), "SOURCE_UNUSABLE", /standard input gives something other than bytes/],
  ] as const) {
    const done = up(world, bytes, { label: "standard input" });
    await expect(done).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
    });
    expect(await names(world)).toEqual([]);
  }
});

test("an abort ends the upload of a stream that waits, and its image is deleted", async () => {
  const world = await openWorld();
  const stop = new AbortController();
  async function* waiting(): AsyncGenerator<Uint8Array> {
    yield image.subarray(0, streamPart);
    setImmediate(() => stop.abort(new Error("enough")));
    await new Promise(() => undefined);
  }
  const done = up(world, waiting(), { signal: stop.signal });
  await expect(done).rejects.toThrow("enough");
  expect(await names(world)).toEqual([]);
});

test("a stream takes no name that is taken, and that of an unfinished image only where told", async () => {
  const world = await openWorld();
  await world.api("POST", "", { name: "piped" });
  await expect(up(world, pipe(image))).rejects.toMatchObject({
    code: "NAME_TAKEN",
  });
  const ifNameTaken = "replace-unfinished" as const;
  const done = await up(world, pipe(image), { ifNameTaken });
  expect(await world.storedSha256(done.image.id)).toBe(sha256Of(image));
});

test("an image whose create was not answered is adopted, and read back", async () => {
  const world = await openWorld();
  world.server.faults.add({ on: "create", do: "lose-answer" });
  fastClock.run(50);
  const done = await up(world, pipe(image));
  expect(done.sha256).toBe(sha256Of(image));
  expect(world.server.requests.download).toBeGreaterThan(0);
});

/** All that was written. */
function collector(): Writable & { bytes(): Buffer } {
  const written: Buffer[] = [];
  const out = new Writable({
    write: (bytes: Buffer, _, done) => {
      written.push(Buffer.from(bytes));
      setImmediate(done);
    },
  });
  return Object.assign(out, { bytes: () => Buffer.concat(written) });
}

test.each([1, partBytes, partBytes + 1, 4 * partBytes + 3])(
  "an image of %i bytes comes out of a stream in order, and verified",
  async (sizeBytes) => {
    const world = await openWorld();
    const bytes = image.subarray(0, sizeBytes);
    await world.image("image", bytes);
    const out = collector();
    const done = await down(world, out);
    expect(done).toMatchObject({
      sha256: sha256Of(bytes),
      verified: true,
      receivedBytes: sizeBytes,
    });
    expect(sha256Of(out.bytes())).toBe(sha256Of(bytes));
  },
);

test("connections that break, and a store that ignores ranges, do not show in the stream", async () => {
  const world = await openWorld();
  await world.image("image", image);
  world.server.faults.add({ on: "download", nth: 1, do: "reset", afterBytes: MiB, times: 3 });
  fastClock.run(50);
  const broken = collector();
  await down(world, broken);
  expect(sha256Of(broken.bytes())).toBe(sha256Of(image));

  world.server.faults.clear();
  world.server.faults.add({ on: "download", do: "ignore-range", times: Infinity });
  const whole = collector();
  await down(world, whole);
  expect(sha256Of(whole.bytes())).toBe(sha256Of(image));
});

test("a reader that is slow holds the download back: no more is fetched than the memory allows", async () => {
  const world = await openWorld();
  const { server } = world;
  await world.image("image", image);
  const parts = planParts(image.length, partBytes).length;
  const mostParts = 2;
  let writtenBytes = 0;
  let aheadParts = 0;
  const out = new Writable({
    write: (bytes: Buffer, _, done) => {
      const begunParts = server.requests.download;
      aheadParts = Math.max(aheadParts, begunParts - Math.floor(writtenBytes / partBytes));
      writtenBytes += bytes.length;
      setImmediate(done);
    },
  });
  await down(world, out, { memoryBytes: mostParts * partBytes });
  expect(parts).toBeGreaterThan(mostParts + 1);
  expect(aheadParts).toBeLessThanOrEqual(mostParts);
});

test("a flipped bit is told at the end, when everything was written", async () => {
  const world = await openWorld();
  await world.image("image", image);
  world.server.faults.add({ on: "download", nth: 2, do: "flip-bit", atByte: 7 });
  const out = collector();
  const done = down(world, out);
  await expect(done).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  expect(out.bytes().length).toBe(image.length);
});

test("a reader that goes away ends the download with an error, and so does an abort", async () => {
  const world = await openWorld();
  await world.image("image", image);
  const gone = new Writable({ write: (_, __, done) => done(new Error("EPIPE")) });
  await expect(down(world, gone, { label: "standard output" })).rejects.toMatchObject({
    code: "DISK",
    message: "Could not write to standard output: EPIPE",
  });

  const stop = new AbortController();
  const full = new PassThrough({ highWaterMark: 1 });
  full.once("pipe", () => undefined);
  full._write = () => stop.abort(new Error("enough"));
  await expect(down(world, full, { signal: stop.signal })).rejects.toThrow("enough");
});
