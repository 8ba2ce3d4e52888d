import nock from "nock";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { Sfc, type Images } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { imagesCompleteUpload } from "@img/core/funcs/images-complete-upload.js";
import { imagesDelete } from "@img/core/funcs/images-delete.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import { imagesStartUpload } from "@img/core/funcs/images-start-upload.js";
import { imagesUploadPart } from "@img/core/funcs/images-upload-part.js";
import * as errors from "@img/core/models/errors";
import type { Result } from "@img/core/types/fp.js";

const options = { serverURL: "https://api.example.com/base", bearerAuth: "token-of-the-test" };
const id = "image_k3R-nX9vLm7Qp2Yw5Jd8F";
const sha256 = "a1".repeat(32);
const wireImage = { object: "image", id, name: "disk", upload_status: "started", created_at: 17 };
const image = { object: "image", id, name: "disk", uploadStatus: "started", createdAt: 17 };
const url = "https://store.example.com/part?X-Amz-Signature=abc";

interface Row {
  http: [method: string, path: string, body?: Record<string, string | number>];
  method: (images: Images) => Promise<unknown>;
  func: (core: SfcCore) => Promise<Result<unknown>>;
  declared: number[];
  success: number;
  wire: Record<string, unknown>;
  value: unknown;
}

const operations: Record<string, Row> = {
  list: {
    http: ["GET", "/base/v2/images"],
    method: async (images) => ({ result: (await images.list()).result }),
    func: async (core) => {
      const listed = await imagesList(core);
      return listed.ok ? { ok: true, value: { result: listed.value.result } } : listed;
    },
    declared: [400, 401, 500],
    success: 200,
    wire: {
      object: "list",
      has_more: false,
      cursor: null,
      data: [{ ...wireImage, provider: "x" }],
    },
    value: {
      result: { object: "list", hasMore: false, cursor: null, data: [{ ...image, provider: "x" }] },
    },
  },
  startUpload: {
    http: ["POST", "/base/v2/images", { name: "disk" }],
    method: (images) => images.startUpload({ name: "disk" }),
    func: (core) => imagesStartUpload(core, { name: "disk" }),
    declared: [400, 401, 403, 409, 500],
    success: 201,
    wire: wireImage,
    value: image,
  },
  fetch: {
    http: ["GET", `/base/v2/images/${id}`],
    method: (images) => images.fetch({ id }),
    func: (core) => imagesFetch(core, { id }),
    declared: [401, 404, 500],
    success: 200,
    wire: { ...wireImage, provider: null, sha256: null },
    value: { ...image, provider: null, sha256: null },
  },
  delete: {
    http: ["DELETE", `/base/v2/images/${id}`],
    method: (images) => images.delete({ id }),
    func: (core) => imagesDelete(core, { id }),
    declared: [401, 404, 409, 500],
    success: 200,
    wire: { object: "image", deleted: true, name: "disk" },
    value: { object: "image", deleted: true, name: "disk" },
  },
  uploadPart: {
    http: ["POST", `/base/v2/images/${id}/parts`, { part_id: 797058 }],
    method: (images) => images.uploadPart({ id, body: { partId: 797058 } }),
    func: (core) => imagesUploadPart(core, { id, body: { partId: 797058 } }),
    declared: [400, 401, 403, 404, 500],
    success: 200,
    wire: { url, expires_at: 99 },
    value: { url, expiresAt: 99 },
  },
  completeUpload: {
    http: ["POST", `/base/v2/images/${id}/complete`, { sha256 }],
    method: (images) => images.completeUpload({ id, body: { sha256 } }),
    func: (core) => imagesCompleteUpload(core, { id, body: { sha256 } }),
    declared: [400, 401, 403, 404, 500],
    success: 200,
    wire: { ...wireImage, upload_status: "completed", sha256 },
    value: { ...image, uploadStatus: "completed", sha256 },
  },
  download: {
    http: ["GET", `/base/v2/images/${id}/download`],
    method: (images) => images.download({ id }),
    func: (core) => imagesDownload(core, { id }),
    declared: [401, 404, 409, 500],
    success: 200,
    wire: { url, expires_at: 99, sha256: sha256.toUpperCase(), size: 5 },
    value: { url, expiresAt: 99, sha256: sha256.toUpperCase(), size: 5 },
  },
};

const classes = new Map<number, [new (...args: never[]) => errors.SfcError, string, string]>([
  [400, [errors.BadRequestError, "invalid_request_error", "BAD_REQUEST"]],
  [401, [errors.UnauthorizedError, "authentication_error", "UNAUTHORIZED"]],
  [403, [errors.ForbiddenError, "forbidden", "FORBIDDEN"]],
  [404, [errors.NotFoundError, "not_found", "NOT_FOUND"]],
  [409, [errors.ConflictError, "conflict", "CONFLICT"]],
  [500, [errors.InternalServerError, "api_error", "INTERNAL_SERVER_ERROR"]],
]);

beforeAll(() => {
  nock.disableNetConnect();
  return () => {
    nock.enableNetConnect();
    nock.restore();
  };
});
afterEach(() => nock.cleanAll());

function answering({ http: [method, path, body] }: Row, status: number, answer: object) {
  return nock("https://api.example.com", {
    reqheaders: {
      authorization: "Bearer token-of-the-test",
      accept: "application/json",
      ...(body ? { "content-type": "application/json" } : {}),
    },
  })
    .intercept(path, method, body ?? "")
    .reply(status, answer, { "retry-after": "3", date: "Fri, 07 Mar 2025 10:00:00 GMT" });
}

/** Both forms as one: the method's rejection, or the function's error. */
async function failureOf(row: Row, form: string): Promise<unknown> {
  if (form === "function") return (await row.func(new SfcCore(options))).error;
  return row.method(new Sfc(options).images).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(Object.entries(operations))("%s", (_, row) => {
  test("as a method gives what the service answered, in camelCase", async () => {
    answering(row, row.success, { ...row.wire, unknown_field: { deep: [1] } });
    expect(await row.method(new Sfc(options).images)).toEqual(row.value);
  });

  test("as a function gives the same, as a result", async () => {
    answering(row, row.success, row.wire);
    expect(await row.func(new SfcCore(options))).toEqual({ ok: true, value: row.value });
  });

  test("takes a client of the class too", async () => {
    answering(row, row.success, row.wire);
    expect((await row.func(new Sfc(options))).ok).toBe(true);
  });

  const cases = row.declared.flatMap((status) => [
    { status, form: "method" },
    { status, form: "function" },
  ]);
  test.each(cases)("answered with $status is its error, as $form", async ({ status, form }) => {
    const [Class, type, code] = classes.get(status)!;
    const details = [{ field: "name", code: "bad", message: "is bad" }];
    const body = { error: { type, message: "What is wrong", details } };
    answering(row, status, body);
    const error = await failureOf(row, form);
    expect(error).toBeInstanceOf(Class);
    expect(error).toBeInstanceOf(errors.SfcError);
    expect(error).toMatchObject({
      statusCode: status,
      code,
      message: "What is wrong",
      name: Class.name,
    });
    expect(error).toMatchObject({ data$: body, error: body.error, body: JSON.stringify(body) });
    expect((error as errors.SfcError).headers.get("retry-after")).toBe("3");
    expect((error as errors.SfcError).rawResponse.status).toBe(status);
    expect((error as errors.SfcError).contentType).toBe("application/json");
  });

  const undeclared = [402, 403, 404, 409, 418, 429, 502, 503, 504, 507];
  test.each(undeclared.filter((status) => !row.declared.includes(status)))(
    "answered with %i, which is not declared, is an SfcDefaultError",
    async (status) => {
      answering(row, status, { error: { type: "x", message: "y" } });
      const error = await failureOf(row, "function");
      expect(error).toBeInstanceOf(errors.SfcDefaultError);
      expect(error).toMatchObject({ statusCode: status, code: "HTTP_ERROR" });
    },
  );
});
