import { readdir } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serveElsewhere } from "../testing/other-process.js";
import { bytesFrom, MiB, request, serve, temporaryFolder } from "../testing/real-server.js";

const first = bytesFrom("first", 5 * MiB);
const second = bytesFrom("second", 1000);

test("SIGTERM drains: an upload that is running is answered", async () => {
  const stopped = await serveElsewhere(await temporaryFolder());
  const id = await stopped.client.create("a");
  const url = await stopped.client.partUrl(id, 1);
  const sending = httpRequest(url, { method: "PUT", headers: { "Content-Length": 2000 } });
  const status = new Promise((resolve, reject) => {
    sending.once("response", (answer) => resolve(answer.resume().statusCode));
    sending.once("error", reject);
  });
  await new Promise<void>((resolve) => sending.write(second, () => resolve()));
  const ended = stopped.end("SIGTERM");
  await expect
    .poll(() => request(stopped.client.url).then(String, String))
    .toContain("ECONNREFUSED");
  sending.end(second);
  expect(await status).toBe(200);
  expect(await ended).toBe(0);
});

// fault D81
test("SIGTERM cuts an upload that takes too long, and leaves nothing of its part", async () => {
  const client = await serve({ dir: await temporaryFolder(), drainMs: 50 });
  const id = await client.create("a");
  const url = await client.partUrl(id, 1);
  const sending = httpRequest(url, { method: "PUT", headers: { "Content-Length": 5 * MiB } });
  sending.on("error", () => undefined);
  sending.write(first.subarray(0, 2 * MiB));
  const names = () => readdir(join(client.dir, "images", id));
  await expect.poll(names).toContainEqual(expect.stringMatching(/^unfinished-/));
  await client.server.close();
  expect(await names()).toEqual(["image.json"]);
});
