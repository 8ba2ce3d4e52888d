import nock from "nock";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { Sfc, type Images, type SDKOptions } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { imagesCompleteUpload } from "@img/core/funcs/images-complete-upload.js";
import { imagesDelete } from "@img/core/funcs/images-delete.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import { imagesReinstate } from "@img/core/funcs/images-reinstate.js";
import { imagesRevoke } from "@img/core/funcs/images-revoke.js";
import { imagesStartUpload } from "@img/core/funcs/images-start-upload.js";
import { imagesUploadPart } from "@img/core/funcs/images-upload-part.js";
import * as errors from "@img/core/models/errors";
import type { Result } from "@img/core/types/fp.js";

const both = { serverURL: "https://api.example.com/base", bearerAuth: "token-of-the-test" };
const workspace = "sfc:workspace:acc_1:default";
const id = "image_k3R-nX9vLm7Qp2Yw5Jd8F";
const sha256 = "a1".repeat(32);
const wireV2 = { object: "image", id, name: "disk", upload_status: "started", created_at: 17 };
const imageV2 = { object: "image", id, name: "disk", uploadStatus: "started", createdAt: 17 };
const wirePreview = {
  ...wireV2,
  resource_path: "sfc:image:acc_1:default:disk",
  owner: "acc_1",
  workspace,
  workspace_id: "wksp_1",
  is_public: false,
  version: 0,
  deprecated_at: null,
};
const imagePreview = {
  ...imageV2,
  resourcePath: "sfc:image:acc_1:default:disk",
  owner: "acc_1",
  workspace,
  workspaceId: "wksp_1",
  isPublic: false,
  version: 0,
  deprecatedAt: null,
};
const url = "https://store.example.com/part?X-Amz-Signature=abc";

interface Side {
  options: SDKOptions;
  prefix: string;
  inWorkspace: { workspace?: string };
  /** What any call may be answered with besides what `v2` declares. */
  besides: number[];
  wireImage: Record<string, unknown>;
  image: Record<string, unknown>;
}

const sides: Record<string, Side> = {
  v2: {
    options: both,
    prefix: "/base/v2/images",
    inWorkspace: {},
    besides: [],
    wireImage: wireV2,
    image: imageV2,
  },
  preview: {
    options: { ...both, apiVersion: "preview", workspace },
    prefix: "/base/preview/v2/images",
    inWorkspace: { workspace },
    besides: [403],
    wireImage: wirePreview,
    image: imagePreview,
  },
};

interface Row {
  http: [method: string, path: string, body?: Record<string, string | number>];
  method: (images: Images) => Promise<unknown>;
  func: (core: SfcCore) => Promise<Result<unknown>>;
  declared: number[];
  success: number;
  wire: Record<string, unknown>;
  value: unknown;
}

const operationsOf = ({ prefix, inWorkspace, wireImage, image }: Side): Record<string, Row> => ({
  list: {
    http: ["GET", `${prefix}${query(inWorkspace)}`],
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
    http: ["POST", prefix, { name: "disk", ...inWorkspace }],
    method: (images) => images.startUpload({ name: "disk" }),
    func: (core) => imagesStartUpload(core, { name: "disk" }),
    declared: [400, 401, 403, 409, 500],
    success: 201,
    wire: wireImage,
    value: image,
  },
  fetch: {
    http: ["GET", `${prefix}/${id}`],
    method: (images) => images.fetch({ id }),
    func: (core) => imagesFetch(core, { id }),
    declared: [401, 404, 500],
    success: 200,
    wire: { ...wireImage, provider: null, sha256: null },
    value: { ...image, provider: null, sha256: null },
  },
  delete: {
    http: ["DELETE", `${prefix}/${id}`],
    method: (images) => images.delete({ id }),
    func: (core) => imagesDelete(core, { id }),
    declared: [401, 404, 409, 500],
    success: 200,
    wire: { object: "image", deleted: true, name: "disk" },
    value: { object: "image", deleted: true, name: "disk" },
  },
  uploadPart: {
    http: ["POST", `${prefix}/${id}/parts`, { part_id: 797058 }],
    method: (images) => images.uploadPart({ id, body: { partId: 797058 } }),
    func: (core) => imagesUploadPart(core, { id, body: { partId: 797058 } }),
    declared: [400, 401, 403, 404, 500],
    success: 200,
    wire: { url, expires_at: 99 },
    value: { url, expiresAt: 99 },
  },
  completeUpload: {
    http: ["POST", `${prefix}/${id}/complete`, { sha256 }],
    method: (images) => images.completeUpload({ id, body: { sha256 } }),
    func: (core) => imagesCompleteUpload(core, { id, body: { sha256 } }),
    declared: [400, 401, 403, 404, 500],
    success: 200,
    wire: { ...wireImage, upload_status: "completed", sha256 },
    value: { ...image, uploadStatus: "completed", sha256 },
  },
  download: {
    http: ["GET", `${prefix}/${id}/download`],
    method: (images) => images.download({ id }),
    func: (core) => imagesDownload(core, { id }),
    declared: [401, 404, 409, 500],
    success: 200,
    wire: { url, expires_at: 99, sha256: sha256.toUpperCase(), size: 5 },
    value: { url, expiresAt: 99, sha256: sha256.toUpperCase(), size: 5 },
  },
});

const onlyInPreview = ({ prefix, wireImage, image }: Side): Record<string, Row> => ({
  revoke: {
    http: ["POST", `${prefix}/${id}/revoke`],
    method: (images) => images.revoke({ id }),
    func: (core) => imagesRevoke(core, { id }),
    declared: [401, 403, 404, 409, 500],
    success: 200,
    wire: { ...wireImage, upload_status: "revoked" },
    value: { ...image, uploadStatus: "revoked" },
  },
  reinstate: {
    http: ["POST", `${prefix}/${id}/reinstate`],
    method: (images) => images.reinstate({ id }),
    func: (core) => imagesReinstate(core, { id }),
    declared: [401, 403, 404, 409, 500],
    success: 200,
    wire: { ...wireImage, upload_status: "completed" },
    value: { ...image, uploadStatus: "completed" },
  },
});

const query = (fields: Record<string, string>) => {
  const text = new URLSearchParams(fields).toString();
  return text && `?${text}`;
};

const table = Object.entries(sides).flatMap(([version, side]) => {
  const rows = { ...operationsOf(side), ...(version === "preview" ? onlyInPreview(side) : {}) };
  return Object.entries(rows).map(([name, row]) => ({ version, name, side, row }));
});

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
async function failureOf(row: Row, form: string, options: SDKOptions): Promise<unknown> {
  if (form === "function") return (await row.func(new SfcCore(options))).error;
  return row.method(new Sfc(options).images).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(table)("$version: $name", ({ row, side: { options, besides } }) => {
  const allDeclared = [...new Set([...row.declared, ...besides])];

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

  const cases = allDeclared.flatMap((status) => [
    { status, form: "method" },
    { status, form: "function" },
  ]);
  test.each(cases)("answered with $status is its error, as $form", async ({ status, form }) => {
    const [Class, type, code] = classes.get(status)!;
    const details = [{ field: "name", code: "bad", message: "is bad" }];
    const body = { error: { type, message: "What is wrong", details } };
    answering(row, status, body);
    const error = await failureOf(row, form, options);
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
  test.each(undeclared.filter((status) => !allDeclared.includes(status)))(
    "answered with %i, which is not declared, is an SfcDefaultError",
    async (status) => {
      answering(row, status, { error: { type: "x", message: "y" } });
      const error = await failureOf(row, "function", options);
      expect(error).toBeInstanceOf(errors.SfcDefaultError);
      expect(error).toMatchObject({ statusCode: status, code: "HTTP_ERROR" });
    },
  );
});
