import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { startServer } from "@img/local-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createServer, type ViteDevServer } from "vite";
import { Chromium } from "./testing/chromium.js";
import { importMapOf, installInto, scriptsBelow } from "./testing/installed.js";
import { PageServer } from "./testing/page-server.js";

/** What the page offers. */
declare const thereAndBack: (server: string, token: string) => Promise<number>;

let chromium: Chromium;
let page: string;
/** Where the packages are installed as they are published. */
let site: string;

beforeAll(async () => {
  chromium = await Chromium.unpack();
  site = join(chromium.folder, "site");
  await mkdir(site);
  await installInto(site);
  const source = await readFile(join(import.meta.dirname, "testing/loading-page.ts"), "utf8");
  page = (await transform(source, { loader: "ts", target: "es2022" })).code;
  await writeFile(join(site, "page.js"), page);
});
afterAll(() => chromium.close());

test("as plain modules, with an import map and no bundler, an image goes up and comes back", async () => {
  const scripts = { page, workers: await scriptsBelow(site) };
  const pages = await PageServer.start(scripts, await importMapOf(site));
  expect(await thereAndBackFrom(pages.origin)).toBe(50_000);
  await pages.close();
});

test("by Vite's server for development, which nobody configured, an image goes up and comes back", async () => {
  const html = '<!doctype html><script type="module" src="/page.js"></script>';
  await writeFile(join(site, "index.html"), html);
  const vite = await startVite();
  expect(await thereAndBackFrom(vite.resolvedUrls?.local[0]?.replace(/\/$/, "") ?? "")).toBe(
    50_000,
  );
  await vite.close();
});

/** A server of its own for images, whose digests it looks at. */
async function thereAndBackFrom(origin: string): Promise<number> {
  const dir = join(chromium.folder, "store", new URL(origin).port);
  const server = await startServer({
    dir,
    port: 0,
    drainMs: 0,
    checkDigest: true,
    allowOrigins: [origin],
  });
  const tab = await (await chromium.context()).newPage();
  try {
    await tab.goto(origin);
    await tab.waitForFunction(() => "thereAndBack" in globalThis);
    return await tab.evaluate(([url, token]) => thereAndBack(url, token), [
      server.url,
      server.token,
    ] as const);
  } finally {
    await tab.close();
    await server.close();
  }
}

async function startVite(): Promise<ViteDevServer> {
  const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
  const vite = await createServer({
    root: site,
    configFile: false,
    logLevel: "error",
    server: { port: 0, host: "127.0.0.1", headers: { "Content-Security-Policy": policy } },
  });
  return vite.listen();
}
