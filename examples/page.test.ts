import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startServer, type Server } from "@img/local-server";
import { build, preview } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chromium } from "../packages/browser-blob/src/testing/chromium.js";

let chromium: Chromium;
let site: Awaited<ReturnType<typeof preview>>;
let server: Server;
let page: Page;

beforeAll(async () => {
  chromium = await Chromium.unpack();
  const common = {
    root: join(import.meta.dirname, "page"),
    configFile: false,
    logLevel: "error",
    build: { outDir: join(chromium.folder, "built"), target: "es2022" },
  } as const;
  await build(common);
  site = await preview({ ...common, preview: { host: "127.0.0.1", port: 0 } });
  const origin = `http://127.0.0.1:${(site.httpServer.address() as AddressInfo).port}`;
  const dir = join(chromium.folder, "store");
  server = await startServer({ dir, port: 0, allowOrigins: [origin], drainMs: 0 });
  page = await (await chromium.context()).newPage();
  await page.goto(origin);
});

afterAll(async () => {
  await chromium.close();
  await server.close();
  await site.close();
});

async function dropFile(path: string): Promise<void> {
  const { x, y } = (await page.locator("#drop").boundingBox())!;
  const cdp = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await cdp.send("Input.dispatchDragEvent", { type, x: x + 2, y: y + 2, data });
  }
}

const said = () => page.locator("#said").textContent();

test(
  "page/index.html uploads the file that is dropped, and tells by its code what went wrong",
  { timeout: 90_000 },
  async () => {
    const bytes = randomBytes(9_000_000);
    await mkdir(join(chromium.folder, "files"));
    const path = join(chromium.folder, "files/disk.img");
    await writeFile(path, bytes);
    await page.locator("#server").fill(server.url);
    await page.locator("#token").fill("a wrong one");
    await dropFile(path);
    await expect.poll(said).toMatch(/^NOT_AUTHORIZED: /);

    await page.locator("#token").fill(server.token);
    await dropFile(path);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await expect.poll(said).toBe(`disk.img is complete: SHA-256 ${sha256}`);
  },
);
