import { randomUUID } from "node:crypto";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

/** What a page would load: sources bundled into one script that sets `core`. */
async function bundle(contents: string): Promise<string> {
  const result = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    format: "iife",
    globalName: "core",
    target: "es2022",
    write: false,
  });
  return result.outputFiles[0]!.text;
}

test("imagesList alone, bundled and minified, is under 8 KiB gzipped", async () => {
  const script = await bundle(`
    export { imagesList } from "./images-list.js";
    export { SfcCore } from "./core.js";
  `);
  const gzippedBytes = gzipSync(script, { level: 9 }).byteLength;
  console.log(`imagesList and SfcCore: ${gzippedBytes} bytes gzipped, ${script.length} minified`);
  expect(gzippedBytes).toBeLessThan(8 * 1024);
});

describe("in a bare context that has only web globals", () => {
  const web = {
    AbortController,
    AbortSignal,
    Headers,
    Request,
    Response,
    TextDecoder,
    URL,
    URLSearchParams,
    clearTimeout,
    performance,
    setTimeout,
  };

  const scriptOf = () =>
    bundle(`
      export * from "./index.js";
      export * from "./images-list.js";
      export * from "./images-fetch.js";
      export * as errors from "./errors.js";
    `);

  test("a page is listed, and a missing image is a NotFoundError", async () => {
    const requests: string[] = [];
    const fetch = async (request: Request) => {
      requests.push(`${request.method} ${request.url} ${request.headers.get("authorization")}`);
      const missing = { error: { type: "not_found", message: "No such image" } };
      return request.url.includes("image_1")
        ? Response.json(missing, { status: 404 })
        : Response.json({ object: "list", has_more: false, data: [] });
    };
    const context = createContext({ ...web, fetch, token: randomUUID() });
    runInContext(await scriptOf(), context);
    const seen: unknown = await runInContext(
      `(async () => {
        const sfc = new core.Sfc({ serverURL: "https://api.example.com", bearerAuth: token });
        const pages = [];
        for await (const page of await sfc.images.list({ limit: 5 })) pages.push(page);
        const { error } = await core.imagesFetch(sfc, { id: "image_1" });
        return { pages, isNotFound: error instanceof core.errors.NotFoundError, text: String(error) };
      })()`,
      context,
    );
    expect(JSON.parse(JSON.stringify(seen))).toEqual({
      pages: [{ result: { object: "list", hasMore: false, data: [] } }],
      isNotFound: true,
      text: "NotFoundError: No such image",
    });
    expect(requests[0]).toMatch(/^GET https:\/\/api\.example\.com\/v2\/images\?limit=5 Bearer /);
  });

  test("what fetch throws, from its own realm, is told apart", async () => {
    const thrown = [
      new TypeError("Failed to fetch"),
      new DOMException("x", "AbortError"),
      new DOMException("x", "TimeoutError"),
      new Error("x"),
    ];
    const context = createContext({ ...web, fetch: () => Promise.reject(thrown.shift()!) });
    runInContext(await scriptOf(), context);
    const names: unknown = await runInContext(
      `(async () => {
        const client = new core.Sfc({ serverURL: "https://api.example.com" });
        const names = [];
        for (let i = 0; i < 4; i++) names.push((await core.imagesFetch(client, { id: "image_1" })).error.name);
        return names.join();
      })()`,
      context,
    );
    expect(names).toBe(
      "ConnectionError,RequestAbortedError,RequestTimeoutError,UnexpectedClientError",
    );
  });

  test("loading it needs no global and sets none but its own", async () => {
    const context = createContext({});
    runInContext(await scriptOf(), context);
    expect(Object.keys(context)).toEqual(["core"]);
  });
});
