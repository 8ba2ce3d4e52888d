import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ImageRecord } from "./images/image.js";
import { imageEtag, partFileName } from "./folder/manifest.js";
import { serveElsewhere } from "./testing/other-process.js";
import type { Client } from "./testing/real-server.js";
import { md5, sha256, temporaryFolder } from "./testing/real-server.js";

/** A longer test: IMG_SCALE_IMAGES=100000. Nine of ten images are deleted. */
const images = Number(process.env["IMG_SCALE_IMAGES"] ?? 1000);
const mostRssMiB = 300;

const bytes = Buffer.from("x");
const part = { number: 1, bytes: bytes.length, md5: md5(bytes), turn: 0 };
const beginMs = Date.now() - 86_400_000;

const recordOf = (n: number, deleted: boolean): ImageRecord => ({
  id: `image_${String(n).padStart(16, "0")}`,
  account: "default",
  workspace: "default",
  name: `image-${n}`,
  createdAtSec: Math.floor(beginMs / 1000),
  order: beginMs + n,
  state: {
    at: "completed",
    sha256: sha256(bytes),
    imageBytes: bytes.length,
    etag: imageEtag([part]),
    completedAtSec: Math.floor(beginMs / 1000),
  },
  deleted,
  ...(deleted && { deletedAtSec: Math.floor(Date.now() / 1000) }),
});

async function writeImage(dir: string, n: number): Promise<void> {
  const record = recordOf(n, false);
  const folder = join(dir, "images", record.id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "image.json"), JSON.stringify(record));
  await writeFile(join(folder, "manifest.json"), JSON.stringify([part]));
  await writeFile(join(folder, partFileName(part)), bytes);
}

/** Writes the folder of a server that had this many images. */
async function writeStore(dir: string): Promise<void> {
  const numbers = Array.from({ length: images }, (_, n) => n);
  for (const n of numbers.filter((one) => one % 10 === 0)) await writeImage(dir, n);
  const deleted = numbers.filter((n) => n % 10 !== 0).map((n) => JSON.stringify(recordOf(n, true)));
  await writeFile(join(dir, "deleted.jsonl"), `${deleted.join("\n")}\n`);
}

async function pages(client: Client, query: string): Promise<{ count: number; mostMs: number }> {
  let [count, mostMs, cursor] = [0, 0, ""];
  for (let more = true; more;) {
    const startMs = performance.now();
    const { json } = await client.call("GET", `?limit=200${query}${cursor}`);
    mostMs = Math.max(mostMs, performance.now() - startMs);
    count += json.data.length;
    more = json.has_more;
    cursor = `&starting_after=${json.cursor ?? ""}`;
  }
  return { count, mostMs };
}

test(`a folder of ${images} images is served whole, in little memory`, async () => {
  const dir = await temporaryFolder();
  await writeStore(dir);
  const startMs = performance.now();
  const server = await serveElsewhere(dir);
  const startedMs = performance.now() - startMs;
  const live = await pages(server.client, "");
  const all = await pages(server.client, "&include_deleted=true");
  expect([live.count, all.count]).toEqual([images / 10, images]);
  const rssMiB = await server.peakMiB();
  const told = [`start ${startedMs.toFixed(0)} ms`, `slowest page ${live.mostMs.toFixed(1)} ms`];
  told.push(
    `with deleted ones ${all.mostMs.toFixed(1)} ms`,
    `at most ${rssMiB.toFixed(0)} MiB RSS`,
  );
  console.log(`${images} images: ${told.join(", ")}`);
  expect(rssMiB).toBeLessThan(mostRssMiB);
  expect(await server.end("SIGTERM")).toBe(0);
}, 3_600_000);
