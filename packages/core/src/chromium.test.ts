import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium, type Browser, type JSHandle, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startServer, type Server } from "@img/local-server";
import { unpackedChromium } from "../../browser-blob/src/testing/chromium.js";
import type { Images, SDKOptions, Sfc } from "./index.js";
import type { Result } from "./result.js";

/** The package's sources as the page has them. A function given to `evaluate` runs there, and sees no other name of this file. */
declare const core: typeof import("./index.js") &
  typeof import("./core.js") &
  typeof import("./images-complete-upload.js") &
  typeof import("./images-delete.js") &
  typeof import("./images-download.js") &
  typeof import("./images-fetch.js") &
  typeof import("./images-list.js") &
  typeof import("./images-revoke-reinstate.js") &
  typeof import("./images-start-upload.js") &
  typeof import("./images-upload-part.js") &
  typeof import("./result.js") & { errors: typeof import("./errors.js") };
const entry = `
  export * from "./index.js";
  export * from "./core.js";
  export * from "./images-complete-upload.js";
  export * from "./images-delete.js";
  export * from "./images-download.js";
  export * from "./images-fetch.js";
  export * from "./images-list.js";
  export * from "./images-revoke-reinstate.js";
  export * from "./images-start-upload.js";
  export * from "./images-upload-part.js";
  export * from "./result.js";
  export * as errors from "./errors.js";
`;

interface ClientOptions {
  serverURL: string;
  bearerAuth: string;
  timeoutMs?: number;
}

let folder: string;
let browser: Browser | undefined;
let script: string;
let page: Page;
let requests: [method: string, origin: Promise<string | null>][] = [];
let uncaught: Error[] = [];
let server: Server;
let options: ClientOptions;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "img-core-chromium-"));
  script = await bundle();
  browser = await startBrowser();
  page = await browser.newPage();
  page.on("request", (request) => {
    requests.push([request.method(), request.headerValue("origin")]);
  });
  page.on("pageerror", (error) => uncaught.push(error));
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

async function startBrowser(): Promise<Browser> {
  // Without the package's `args`: they switch web security off.
  return chromium.launch({ executablePath: await unpackedChromium() });
}

async function bundle(): Promise<string> {
  const result = await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    format: "iife",
    globalName: "core",
    platform: "browser",
    target: "es2022",
    write: false,
  });
  return result.outputFiles[0]!.text;
}

/** Opens a page of the server's own origin. */
beforeEach(async () => {
  const dir = await mkdtemp(join(folder, "server-"));
  // The browser keeps its connections for later pages: closing doesn't wait for them.
  server = await startServer({ dir, port: 0, checkDigest: true, drainMs: 0 });
  options = { serverURL: server.url, bearerAuth: server.token };
  await page.route(`${server.url}/`, (route) =>
    route.fulfill({ contentType: "text/html", body: '<script src="/core.js"></script>' }),
  );
  await page.route(`${server.url}/core.js`, (route) =>
    route.fulfill({ contentType: "text/javascript", body: script }),
  );
  await page.goto(server.url);
  // From here on, nothing stands between the page and the server.
  await page.unrouteAll();
  requests = [];
  uncaught = [];
});
afterEach(async () => {
  await server.close();
  expect(uncaught).toEqual([]);
});

type Operations = Omit<Images, "apiVersion" | "workspace">;

const forms: Record<string, (options: SDKOptions) => Operations> = {
  methods: (options) => new core.Sfc(options).images,
  functions: (options) => {
    const client = new core.SfcCore(options);
    const { unwrapAsync } = core;
    return {
      list: (request) => unwrapAsync(core.imagesList(client, request)),
      startUpload: (request) => unwrapAsync(core.imagesStartUpload(client, request)),
      fetch: (request) => unwrapAsync(core.imagesFetch(client, request)),
      delete: (request) => unwrapAsync(core.imagesDelete(client, request)),
      uploadPart: (request) => unwrapAsync(core.imagesUploadPart(client, request)),
      completeUpload: (request) => unwrapAsync(core.imagesCompleteUpload(client, request)),
      download: (request) => unwrapAsync(core.imagesDownload(client, request)),
      revoke: (request) => unwrapAsync(core.imagesRevoke(client, request)),
      reinstate: (request) => unwrapAsync(core.imagesReinstate(client, request)),
    };
  },
};

const bytes = Array.from({ length: 1000 }, (_, i) => (i * i) % 251);
const sha256 = createHash("sha256").update(Uint8Array.from(bytes)).digest("hex");

/** Uploads `bytes` as an image of one part, all from the page. */
const upload = (images: JSHandle<Operations>, name: string) =>
  images.evaluate(
    async (images, { name, bytes, sha256 }) => {
      const started = await images.startUpload({ name });
      const { id } = started;
      const { url } = await images.uploadPart({ id, body: { partId: 1 } });
      const put = await fetch(url, { method: "PUT", body: Uint8Array.from(bytes) });
      const completed = await images.completeUpload({ id, body: { sha256 } });
      return { id, started, put: put.status, completed };
    },
    { name, bytes, sha256 },
  );

describe.each(Object.entries(forms))("the operations as %s", (_, form) => {
  let images: JSHandle<Operations>;
  beforeEach(async () => {
    images = await page.evaluateHandle(form, options);
  });

  test("an upload starts, its part goes to the presigned URL, and it completes", async () => {
    const { started, put, completed } = await upload(images, "disk");
    expect(started).toMatchObject({ object: "image", name: "disk", uploadStatus: "started" });
    expect(put).toBe(200);
    expect(completed).toEqual({ ...started, uploadStatus: "completed", sha256 });
  });

  test("an image is fetched by its id", async () => {
    const { id, completed } = await upload(images, "disk");
    expect(await images.evaluate((images, id) => images.fetch({ id }), id)).toEqual(completed);
  });

  test("a list comes in pages, and iterates over all of them", async () => {
    const pages = await images.evaluate(async (images) => {
      for (const name of ["a", "b", "c"]) await images.startUpload({ name });
      const pages: string[][] = [];
      for await (const { result } of await images.list({ limit: 2 })) {
        pages.push(result.data.map(({ name }) => name));
      }
      return pages;
    });
    expect(pages).toEqual([["c", "b"], ["a"]]);
  });

  test("a download's URL gives the whole image, and the bytes of a range", async () => {
    const { id } = await upload(images, "disk");
    const downloaded = await images.evaluate(async (images, id) => {
      const { url, size, sha256 } = await images.download({ id });
      const read = async (headers: Record<string, string>) => {
        const answer = await fetch(url, { headers });
        return { status: answer.status, bytes: [...new Uint8Array(await answer.arrayBuffer())] };
      };
      return { size, sha256, whole: await read({}), range: await read({ range: "bytes=10-19" }) };
    }, id);
    expect(downloaded).toEqual({
      size: 1000,
      sha256,
      whole: { status: 200, bytes },
      range: { status: 206, bytes: bytes.slice(10, 20) },
    });
  });

  test("an image is deleted, and then is no longer listed", async () => {
    const { id } = await upload(images, "disk");
    const [deleted, left] = await images.evaluate(async (images, id) => {
      const deleted = await images.delete({ id });
      return [deleted, (await images.list()).result.data] as const;
    }, id);
    expect(deleted).toEqual({ object: "image", deleted: true, name: "disk" });
    expect(left).toEqual([]);
  });

  test("what changes something carries the page's origin", async () => {
    const { id } = await upload(images, "disk");
    await images.evaluate((images, id) => images.delete({ id }), id);
    const origins = requests.map(async ([method, origin]) => `${method} ${await origin}`);
    expect(await Promise.all(origins)).toEqual(
      ["POST", "POST", "PUT", "POST", "DELETE"].map((method) => `${method} ${server.url}`),
    );
  });
});

describe("an error is of its class and has its code:", () => {
  let ending: JSHandle<AbortController>;
  beforeEach(async () => {
    ending = await page.evaluateHandle(() => new AbortController());
  });

  /** What a call in the page failed with, by the classes that it is of there. */
  async function failureOf(
    call: (client: Sfc, ending: AbortController) => Promise<Result<unknown>>,
    changes: Partial<ClientOptions> = {},
  ) {
    const client = await page.evaluateHandle((options) => new core.Sfc(options), {
      ...options,
      ...changes,
    });
    const result = await client.evaluateHandle(call, ending);
    return result.evaluate(({ error }) => ({
      classes: Object.entries(core.errors)
        .filter(([, Class]) => error instanceof Class)
        .map(([name]) => name)
        .sort(),
      code: (error as { code?: unknown }).code,
    }));
  }

  test("a name that is taken is a conflict, for a function", async () => {
    const failure = await failureOf(async (client) => {
      await core.imagesStartUpload(client, { name: "disk" });
      return core.imagesStartUpload(client, { name: "disk" });
    });
    expect(failure).toEqual({ classes: ["ConflictError", "SfcError"], code: "CONFLICT" });
  });

  test("a name that is taken is a conflict, for a method", async () => {
    const failure = await failureOf(async ({ images }) => {
      await images.startUpload({ name: "disk" });
      return images.startUpload({ name: "disk" }).then(core.OK, core.ERR);
    });
    expect(failure).toEqual({ classes: ["ConflictError", "SfcError"], code: "CONFLICT" });
  });

  test("a wrong token is unauthorized", async () => {
    const failure = await failureOf((client) => core.imagesList(client), { bearerAuth: "another" });
    expect(failure).toEqual({ classes: ["SfcError", "UnauthorizedError"], code: "UNAUTHORIZED" });
  });

  test("a redirect is not followed", async () => {
    const headers = { location: `${server.url}/v2/images` };
    server.faults.add({ on: "get", do: "answer", status: 307, headers });
    const failure = await failureOf((client) => core.imagesFetch(client, { id: "image_1" }));
    expect(failure).toEqual({ classes: ["SfcDefaultError", "SfcError"], code: "HTTP_ERROR" });
    expect(server.requests).toMatchObject({ get: 1, list: 0 });
  });

  test("a server that is not there is a connection failure", async () => {
    const failure = await failureOf((client) => core.imagesList(client), {
      serverURL: `http://127.0.0.1:${await unusedPort()}`,
    });
    expect(failure).toEqual({
      classes: ["ConnectionError", "HTTPClientError"],
      code: "CONNECTION_FAILED",
    });
  });

  test("a connection that breaks is a connection failure", async () => {
    server.faults.add({ on: "list", do: "reset", times: Infinity });
    const failure = await failureOf((client) => core.imagesList(client));
    expect(failure).toEqual({
      classes: ["ConnectionError", "HTTPClientError"],
      code: "CONNECTION_FAILED",
    });
  });

  test("a call that its signal ends is aborted", async () => {
    const stall = server.faults.add({ on: "list", do: "stall" });
    const failing = failureOf((client, { signal }) => core.imagesList(client, {}, { signal }));
    await expect.poll(() => stall.hits).toBe(1);
    await ending.evaluate((ending) => ending.abort());
    expect(await failing).toEqual({
      classes: ["HTTPClientError", "RequestAbortedError"],
      code: "REQUEST_ABORTED",
    });
  });

  test("no answer in time is a timeout", async () => {
    server.faults.add({ on: "list", do: "stall" });
    const failure = await failureOf((client) => core.imagesList(client), { timeoutMs: 100 });
    expect(failure).toEqual({
      classes: ["HTTPClientError", "RequestTimeoutError"],
      code: "REQUEST_TIMEOUT",
    });
  });

  test("a limit that is out of range is invalid, and nothing is sent", async () => {
    const failure = await failureOf((client) => core.imagesList(client, { limit: 201 }));
    expect(failure).toEqual({ classes: ["SDKValidationError"], code: "INPUT_INVALID" });
    expect(requests).toEqual([]);
  });
});

async function unusedPort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  await once(listener.close(), "close");
  return port;
}
