import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer } from "@img/local-server";
import { expect, onTestFinished, test } from "vitest";
import { Chromium } from "../../packages/browser-blob/src/testing/chromium.js";
import { bytesFrom, MiB, sha256Of } from "../../packages/browser-blob/src/testing/rig.js";
import { allowOrigin } from "../../packages/local-server/src/testing/bucket-cors.js";
import {
  bucketOptions,
  testEndpoint,
} from "../../packages/local-server/src/testing/test-bucket.js";

test("the page uploads to the bucket itself, by presigned URLs, and lists what has arrived", async () => {
  const server = await startServer({ s3: bucketOptions(), port: 0, drainMs: 0 });
  onTestFinished(() => server.close());
  await allowOrigin(server.url);
  const chromium = await Chromium.unpack();
  onTestFinished(() => chromium.close());
  const image = bytesFrom("an image", 6 * MiB);
  const path = join(await mkdtemp(join(chromium.folder, "page-")), "small.img");
  await writeFile(path, image);

  const context = await chromium.context();
  // A test cannot use the browser's own picker.
  await context.addInitScript(() => {
    Object.assign(window, { showOpenFilePicker: undefined });
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  const puts: string[] = [];
  page.on("request", (sent) => {
    if (sent.method() === "PUT") puts.push(new URL(sent.url()).origin);
  });
  await page.goto(server.url);
  await page.getByLabel("Token").fill(server.token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Images", level: 2 }).waitFor();
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose files" }).click();
  await (await choosing).setFiles(path);
  await page.getByRole("button", { name: "Upload small.img" }).click();
  const row = page.locator("tbody tr");
  await expect.poll(() => row.textContent()).toContain("6.0 MiB");
  expect(await row.textContent()).toContain("small.img");
  expect(new Set(puts)).toEqual(new Set([new URL(testEndpoint!).origin]));

  const headers = { Authorization: `Bearer ${server.token}` };
  const get = async (where: string): Promise<unknown> =>
    (await fetch(`${server.url}/v2/images${where}`, { headers })).json();
  const { data } = (await get("")) as { data: { id: string }[] };
  const { url, sha256 } = (await get(`/${data[0]!.id}/download`)) as Record<string, string>;
  const stored = Buffer.from(await (await fetch(url!)).arrayBuffer());
  expect([sha256Of(stored), sha256]).toEqual([sha256Of(image), sha256Of(image)]);
  expect(problems).toEqual([]);
}, 90_000);
