import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import type { Client } from "./testing/real-server.js";
import { bytesFrom, MiB, request, sha256, temporaryFolder } from "./testing/real-server.js";
import { serveElsewhere } from "./testing/other-process.js";

/** A longer test: IMG_LOAD_CLIENT_MIB=256 IMG_LOAD_IMAGE_MIB=20480. */
const clientMiB = Number(process.env["IMG_LOAD_CLIENT_MIB"] ?? 4);
const imageMiB = Number(process.env["IMG_LOAD_IMAGE_MIB"] ?? 128);
const clients = 64;
const mostRssMiB = 200;

const slice = bytesFrom("slice", MiB);
const mibOf = (parts: readonly number[]): number => parts.reduce((sum, mib) => sum + mib, 0);

const answerOf = (sent: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => sent.once("response", resolve).once("error", reject));

/** Sends a part that repeats one slice, and buffers no more than the socket takes. */
async function put(client: Client, id: string, number: number, mib: number): Promise<void> {
  const headers = { "Content-Length": mib * MiB };
  const sending = httpRequest(await client.partUrl(id, number), { method: "PUT", headers });
  const answered = answerOf(sending);
  for (let sent = 0; sent < mib; sent++) {
    if (sending.write(slice)) continue;
    await Promise.race([new Promise((resolve) => sending.once("drain", resolve)), answered]);
  }
  sending.end();
  const answer = await answered;
  answer.resume();
  expect([answer.statusCode, answer.headers.etag]).toEqual([200, `"${md5OfPart(mib)}"`]);
}

const md5s = new Map<number, string>();
function md5OfPart(mib: number): string {
  const known = md5s.get(mib) ?? md5OfSlices(mib);
  md5s.set(mib, known);
  return known;
}
function md5OfSlices(mib: number): string {
  const hash = createHash("md5");
  for (let n = 0; n < mib; n++) hash.update(slice);
  return hash.digest("hex");
}

/** Uploads parts of these lengths over several lanes, and completes the image. */
async function upload(
  client: Client,
  name: string,
  parts: readonly number[],
  lanes: number,
): Promise<string> {
  const id = await client.create(name);
  const left = [...parts.entries()];
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      await put(client, id, next[0] + 1, next[1]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  expect((await client.complete(id, sha256(slice))).status).toBe(200);
  return id;
}

/** Reads the whole image, and compares each byte. */
async function compare(client: Client, id: string, mib: number): Promise<void> {
  const [got, wanted] = [createHash("sha256"), createHash("sha256")];
  const answer = await answerOf(httpRequest(await client.downloadUrl(id)).end());
  for await (const bytes of answer) got.update(bytes as Buffer);
  for (let n = 0; n < mib; n++) wanted.update(slice);
  expect(got.digest("hex")).toBe(wanted.digest("hex"));
}

/** Cuts an image into parts of 5 MiB or more, except for the last. */
const cut = (mib: number, partMiB: number): number[] =>
  Array.from({ length: Math.ceil(mib / partMiB) }, (_, n) => Math.min(partMiB, mib - n * partMiB));

async function measured(work: (client: Client) => Promise<number>, what: string): Promise<void> {
  const server = await serveElsewhere(await temporaryFolder());
  const startedMs = performance.now();
  const mib = await work(server.client);
  const seconds = (performance.now() - startedMs) / 1000;
  const rssMiB = await server.peakMiB();
  console.log(
    `${what}: ${mib} MiB in ${seconds.toFixed(1)} s, at most ${Math.round(rssMiB)} MiB RSS`,
  );
  expect(rssMiB).toBeLessThan(mostRssMiB);
  const metrics = (await request(`${server.client.url}/metrics`)).body.toString();
  expect(metrics).not.toMatch(/status="[45]/);
  expect(metrics).toContain("img_store_errors_total 0\n");
}

test(`${clients} clients at once are served without an error, in little memory`, async () => {
  await measured(async (client) => {
    const parts = cut(clientMiB, 64);
    const names = Array.from({ length: clients }, (_, n) => `image-${n}`);
    const ids = await Promise.all(names.map((name) => upload(client, name, parts, 1)));
    await compare(client, ids.at(-1)!, clientMiB);
    return clients * mibOf(parts);
  }, `${clients} clients`);
}, 3_600_000);

test("a large image is taken and served without an error, in little memory", async () => {
  await measured(async (client) => {
    const id = await upload(client, "large", cut(imageMiB, 64), 4);
    await compare(client, id, imageMiB);
    return 2 * imageMiB;
  }, "one image, up and down");
}, 3_600_000);
