import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SfcCore } from "@img/core/core.js";
import { expect, onTestFinished, test } from "vitest";
import { downloadImage } from "./download.js";
import { partPathOf } from "./files/file-target.js";
import { MiB, seededBytes } from "./testing/seeded.js";

const GiB = 1024 * MiB;
/** `IMG_SPARSE_GIB=4` makes it long. */
const imageGiB = Number(process.env["IMG_SPARSE_GIB"] ?? 1);
const blocks = imageGiB * 1024;
const block = seededBytes("block", MiB);
const zeros = Buffer.alloc(MiB);

/** Every tenth MiB, and no other, has data. */
const isData = (number: number): boolean => number % 10 === 3;

function blockAt(number: number): Buffer {
  if (!isData(number)) return zeros;
  const own = Buffer.from(block);
  own.writeUInt32LE(number, 0);
  return own;
}

function digestOfImage(): string {
  const hash = createHash("sha256");
  for (let number = 0; number < blocks; number++) hash.update(blockAt(number));
  return hash.digest("hex");
}

/** The two calls that a download makes, and the object store: none of it is on this disk. */
async function serveImage(sha256: string): Promise<string> {
  const image = {
    object: "image",
    id: "image_sparse",
    name: "sparse",
    upload_status: "completed",
    created_at: 1,
    sha256,
  };
  const server = createServer((request, response) => {
    const json = (body: object): void => {
      response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    };
    const path = new URL(request.url ?? "/", "http://server").pathname;
    const url = `${urlOf()}/object`;
    if (path === "/object") sendRange(request, response);
    else if (path === "/v2/images/image_sparse") json(image);
    else json({ url, expires_at: 2 ** 32, sha256, size: blocks * MiB });
  });
  const urlOf = (): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return urlOf();
}

function sendRange(request: IncomingMessage, response: ServerResponse): void {
  const [first, last] = /bytes=(\d+)-(\d+)/
    .exec(request.headers.range ?? "")!
    .slice(1)
    .map(Number);
  response.writeHead(206, {
    etag: '"sparse"',
    "content-length": last! - first! + 1,
    "content-range": `bytes ${first!}-${last!}/${blocks * MiB}`,
  });
  let at = first!;
  const more = (): void => {
    while (at <= last!) {
      const inBlock = at % MiB;
      const piece = blockAt(Math.floor(at / MiB)).subarray(inBlock, inBlock + last! + 1 - at);
      at += piece.length;
      if (!response.write(piece)) return void response.once("drain", more);
    }
    response.end();
  };
  more();
}

/** Reads every block of the file. */
async function blocksThatDiffer(path: string): Promise<number> {
  const file = await open(path);
  const bytes = Buffer.alloc(MiB);
  let differing = 0;
  try {
    for (let number = 0; number < blocks; number++) {
      const { bytesRead } = await file.read(bytes, 0, MiB, number * MiB);
      if (bytesRead !== MiB || !bytes.equals(blockAt(number))) differing++;
    }
  } finally {
    await file.close();
  }
  return differing;
}

test(`${imageGiB} GiB that are 90% zeros take under 11% of that on the disk, whatever stood in the part file before`, async () => {
  const dir = mkdtempSync(join(tmpdir(), "img-sparse-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const target = join(dir, "sparse.img");
  const sha256 = digestOfImage();
  const client = new SfcCore({ serverURL: await serveImage(sha256), bearerAuth: "token" });

  // Another image's part file, that an earlier try of this one begins with.
  const other = await open(partPathOf(target), "w");
  await other.write(block, 0, MiB, 0);
  await other.write(block, 0, MiB, 40 * MiB);
  await other.truncate((imageGiB + 1) * GiB);
  await other.close();
  const stop = new AbortController();
  await expect(
    downloadImage("image_sparse", target, {
      client,
      signal: stop.signal,
      onProgress: ({ doneBytes }) => {
        if (doneBytes >= (imageGiB * GiB) / 8) stop.abort(new Error("stopped"));
      },
    }),
  ).rejects.toThrow("stopped");

  // That try has got far, and what it wrote last has no receipt.
  const tried = await open(partPathOf(target), "r+");
  await tried.write(block, 0, MiB, (imageGiB * GiB * 3) / 4 + 5 * MiB);
  await tried.write(block, 0, MiB, imageGiB * GiB - MiB);
  await tried.close();

  const result = await downloadImage("image_sparse", target, { client });

  expect(result).toMatchObject({
    sha256,
    verified: true,
    resumed: true,
    sizeBytes: imageGiB * GiB,
  });
  expect((await stat(target)).blocks * 512).toBeLessThan(0.11 * imageGiB * GiB);
  expect(await blocksThatDiffer(target)).toBe(0);
}, 120_000);
