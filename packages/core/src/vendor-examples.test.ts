/**
 * The vendor's documented examples with their imports changed, and with values that exist: docs/sdks/images
 * and the README of github.com/sfcompute/sfc-sdk-typescript. That this file compiles is half of the test.
 */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startServer, type Server } from "@img/local-server";
import { Sfc } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { imagesCompleteUpload } from "@img/core/funcs/images-complete-upload.js";
import { imagesDelete } from "@img/core/funcs/images-delete.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import { imagesStartUpload } from "@img/core/funcs/images-start-upload.js";
import { imagesUploadPart } from "@img/core/funcs/images-upload-part.js";
import { HTTPClient } from "@img/core/lib/http";
import * as errors from "@img/core/models/errors";

let server: Server;
let dir: string;
let options: { serverURL: string; bearerAuth: string };
const bytes = new Uint8Array(5).fill(7);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const console = { log: vi.fn(), group: vi.fn(), groupEnd: vi.fn() };
const logged = () => console.log.mock.calls.flat() as unknown[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "img-core-"));
  server = await startServer({ dir, port: 0 });
  options = { serverURL: server.url, bearerAuth: server.token };
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});
beforeEach(() => vi.resetAllMocks());

/** An image with its one part, not yet completed. */
async function uploaded(name: string): Promise<string> {
  const sfc = new Sfc(options);
  const { id } = await sfc.images.startUpload({ name });
  const { url } = await sfc.images.uploadPart({ id, body: { partId: 1 } });
  expect((await fetch(url, { method: "PUT", body: bytes })).status).toBe(200);
  return id;
}

async function completed(name: string): Promise<string> {
  const id = await uploaded(name);
  await new Sfc(options).images.completeUpload({ id, body: { sha256 } });
  return id;
}

describe("list", () => {
  beforeAll(async () => {
    for (const name of ["list-1", "list-2", "list-3"]) await completed(name);
  });

  async function cursors() {
    const first = await new Sfc(options).images.list({ limit: 1 });
    const second = await first.next();
    return { startingAfter: first.result.cursor!, endingBefore: second!.result.cursor! };
  }

  test("as a method", async () => {
    const sfc = new Sfc(options);
    const result = await sfc.images.list(await cursors());
    for await (const page of result) {
      console.log(page);
    }
    expect(logged()).toMatchObject([{ result: { object: "list", hasMore: false } }]);
  });

  test("as a function", async () => {
    const sfc = new SfcCore(options);
    const res = await imagesList(sfc, await cursors());
    if (res.ok) {
      const { value: result } = res;
      for await (const page of result) {
        console.log(page);
      }
    } else {
      console.log("imagesList failed:", res.error);
    }
    expect(logged()).toMatchObject([{ result: { object: "list", hasMore: false } }]);
  });

  test("with retries, page after page", async () => {
    const sfc = new Sfc(options);
    server.faults.add({ on: "list", nth: 2, do: "answer", status: 503 });
    const result = await sfc.images.list(
      { limit: 1 },
      {
        retries: {
          strategy: "backoff",
          backoff: { initialInterval: 1, maxInterval: 50, exponent: 1.1, maxElapsedTime: 100 },
          retryConnectionErrors: false,
        },
      },
    );
    for await (const page of result) {
      console.log(page.result.data[0]?.name);
    }
    expect(logged()).toEqual(["list-3", "list-2", "list-1"]);
  });
});

describe("startUpload", () => {
  test("as a method", async () => {
    const sfc = new Sfc(options);
    const result = await sfc.images.startUpload({
      name: "my-resource-name",
    });
    console.log(result);
    expect(logged()).toMatchObject([{ object: "image", uploadStatus: "started" }]);
  });

  test("as a function, and the name is taken", async () => {
    const sfc = new SfcCore(options);
    const res = await imagesStartUpload(sfc, {
      name: "my-resource-name",
    });
    if (res.ok) {
      const { value: result } = res;
      console.log(result);
    } else {
      console.log("imagesStartUpload failed:", res.error);
    }
    expect(logged()).toEqual(["imagesStartUpload failed:", expect.any(errors.ConflictError)]);
  });
});

describe("fetch and delete", () => {
  test("as methods", async () => {
    const sfc = new Sfc(options);
    const id = await completed("to-delete-1");
    console.log(await sfc.images.fetch({ id }));
    console.log(await sfc.images.delete({ id }));
    expect(logged()).toMatchObject([
      { id, uploadStatus: "completed", sha256 },
      { object: "image", deleted: true, name: "to-delete-1" },
    ]);
  });

  test("as functions", async () => {
    const sfc = new SfcCore(options);
    const id = await completed("to-delete-2");
    const fetched = await imagesFetch(sfc, { id });
    if (fetched.ok) {
      const { value: result } = fetched;
      console.log(result);
    }
    const deleted = await imagesDelete(sfc, { id });
    if (deleted.ok) {
      const { value: result } = deleted;
      console.log(result);
    }
    expect(logged()).toMatchObject([{ id }, { deleted: true }]);
    expect((await imagesFetch(sfc, { id })).error).toBeInstanceOf(errors.NotFoundError);
  });
});

describe("uploadPart, completeUpload and download", () => {
  test("as methods", async () => {
    const sfc = new Sfc(options);
    const id = await uploaded("up-1");
    const result = await sfc.images.completeUpload({
      id,
      body: {
        sha256,
      },
    });
    console.log(result);
    console.log(await sfc.images.download({ id }));
    expect(logged()).toMatchObject([{ uploadStatus: "completed" }, { sha256, size: 5 }]);
  });

  test("as functions", async () => {
    const sfc = new SfcCore(options);
    const id = await uploaded("up-2");
    const early = await imagesDownload(sfc, { id });
    expect(early.error).toBeInstanceOf(errors.ConflictError);
    const res = await imagesCompleteUpload(sfc, { id, body: { sha256 } });
    if (!res.ok) throw res.error;
    const download = await imagesDownload(sfc, { id });
    if (!download.ok) throw download.error;
    const downloaded = await fetch(download.value.url);
    expect(new Uint8Array(await downloaded.arrayBuffer())).toEqual(bytes);
  });

  test("with the documented partId, which is legal here and too high for the service", async () => {
    const sfc = new SfcCore(options);
    const { id } = await new Sfc(options).images.startUpload({ name: "up-3" });
    const res = await imagesUploadPart(sfc, {
      id,
      body: {
        partId: 797058,
      },
    });
    expect(res.error).toBeInstanceOf(errors.BadRequestError);
  });
});

test("a public image of another account is fetched and downloaded by its id", async () => {
  const folder = await mkdtemp(join(dir, "accounts-"));
  const accounts = [
    { name: "vendor", token: "token-of-the-vendor", isPublic: true },
    { name: "me", token: "token-of-mine" },
  ];
  await using two = await startServer({ dir: folder, port: 0, accounts });
  const theirs = new Sfc({ serverURL: two.url, bearerAuth: "token-of-the-vendor" });
  const mine = new Sfc({ serverURL: two.url, bearerAuth: "token-of-mine" });
  const { id } = await theirs.images.startUpload({ name: "public" });
  const { url } = await theirs.images.uploadPart({ id, body: { partId: 1 } });
  await fetch(url, { method: "PUT", body: bytes });
  await theirs.images.completeUpload({ id, body: { sha256 } });
  expect((await mine.images.fetch({ id })).name).toBe("public");
  expect((await mine.images.download({ id })).size).toBe(5);
  expect((await mine.images.list()).result.data).toEqual([]);
  await expect(mine.images.uploadPart({ id, body: { partId: 1 } })).rejects.toBeInstanceOf(
    errors.ForbiddenError,
  );
});

test("the README's error handling", async () => {
  const sfc = new Sfc({ ...options, bearerAuth: "wrong" });
  try {
    await sfc.images.list();
  } catch (error) {
    // The base class for HTTP error responses
    if (error instanceof errors.SfcError) {
      console.log(error.message, error.statusCode, error.body, error.headers);

      // Depending on the method different errors may be thrown
      if (error instanceof errors.UnauthorizedError) {
        console.log(error.data$.error);
      }
    }
  }
  expect(logged()[1]).toBe(401);
  expect(logged().at(-1)).toMatchObject({ type: "authentication_error" });
});

test("the README's HTTP client", async () => {
  const dispatcher = new Agent();
  const httpClient = new HTTPClient({
    // 'fetcher' takes a function that has the same signature as native 'fetch'.
    fetcher: (input, init) =>
      // 'dispatcher' is specific to undici and not part of the standard Fetch API.
      // (Documented with `as RequestInit`: that needs lib DOM, see package.test.ts.)
      fetch(input, { ...init, dispatcher } as object),
  });

  httpClient.addHook("beforeRequest", (request) => {
    const nextRequest = new Request(request, {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- as documented
      signal: request.signal || AbortSignal.timeout(5000),
    });

    nextRequest.headers.set("x-custom-header", "custom value");

    return nextRequest;
  });

  httpClient.addHook("requestError", (error, request) => {
    console.group("Request Error");
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- as documented
    console.log("Reason:", `${error}`);
    console.log("Endpoint:", `${request.method} ${request.url}`);
    console.groupEnd();
  });

  const sdk = new Sfc({ ...options, httpClient: httpClient });
  expect((await sdk.images.list({ limit: 1 })).result.data).toHaveLength(1);

  const nobody = new Sfc({ ...options, serverURL: "http://127.0.0.1:59999", httpClient });
  await expect(nobody.images.list()).rejects.toBeInstanceOf(errors.ConnectionError);
  expect(logged()).toContain("GET http://127.0.0.1:59999/v2/images");
});

test("the README's debug logger", () => {
  const sdk = new Sfc({ debugLogger: globalThis.console });
  expect(sdk.images).toBe(sdk.images);
});
