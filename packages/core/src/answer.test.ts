import { describe, expect, test } from "vitest";
import { HTTPClient } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import { imagesUploadPart } from "@img/core/funcs/images-upload-part.js";
import * as errors from "@img/core/models/errors";
import type { WireErrorType } from "@img/core/wire";

const id = "image_1";
const good = { object: "image", id, name: "disk", upload_status: "started", created_at: 17 };
const json = { "content-type": "application/json" };

/** A client that always gets this answer. */
function answered(body: string | null, init: ResponseInit = { headers: json }): SfcCore {
  const fetcher = async () => new Response(body, init);
  return new SfcCore({
    serverURL: "https://api.example.com",
    httpClient: new HTTPClient({ fetcher }),
  });
}

async function invalid(client: SfcCore): Promise<errors.ResponseValidationError> {
  const { error } = await imagesFetch(client, { id });
  if (error instanceof errors.ResponseValidationError) return error;
  throw new Error(`not a ResponseValidationError: ${String(error)}`);
}

describe("an answer that is not the contract's is a ResponseValidationError", () => {
  test.each([
    [
      "a page of HTML",
      "<!doctype html><title>Sign in</title>",
      "expected JSON, got a text that is none",
    ],
    ["an empty body", "", "expected JSON, got an empty body"],
    ["no body at all", null, "expected JSON, got an empty body"],
    ["JSON that was cut", '{"object":"image","id":"ima', "expected JSON, got a text that is none"],
    ["null", "null", "expected an object, got null"],
    ["an array", "[]", "expected an object, got an array"],
    ["a text", '"image"', "expected an object, got another text"],
    ["an empty object", "{}", 'object: expected "image", got nothing'],
    ["JSON that nests 100,000 deep", "[".repeat(1e5) + "]".repeat(1e5), "got an array"],
    [
      "__proto__ in place of the fields",
      JSON.stringify(good).replace("{", '{"__proto__":{') + "}",
      "object: expected",
    ],
  ])("%s", async (_, body, message) => {
    const error = await invalid(answered(body));
    expect(error.message).toContain("Response validation failed");
    expect(error.message).toContain(message);
    expect(error).toMatchObject({ statusCode: 200, code: "RESPONSE_INVALID" });
  });

  test.each([
    ["object", "images", 'object: expected "image", got another text'],
    ["id", 5, 'id: expected "image_" and 1 to 21 of [0-9A-Za-z_-], got 5'],
    ["id", "../../etc", "id: expected"],
    ["id", "image_1234567890123456789012", "id: expected"],
    ["name", "../../etc/passwd", "name: expected"],
    ["name", "", "name: expected"],
    ["upload_status", null, "upload_status: expected text, got null"],
    ["created_at", "17", "created_at: expected Unix seconds, got another text"],
    ["sha256", "abc", "sha256: expected 64 hex digits"],
    ["sha256", 1, "sha256: expected 64 hex digits, got 1"],
    ["provider", {}, "provider: expected text, got a value of type object"],
  ])("%s as %j", async (field, value, message) => {
    const error = await invalid(answered(JSON.stringify({ ...good, [field]: value })));
    expect(error.message).toContain(message);
    expect(error.pretty()).toMatch(
      new RegExp(`^Response validation failed\n✖ expected .*\n {2}→ at ${field}$`),
    );
    expect(error.rawValue).toEqual({ ...good, [field]: value });
  });

  test("a number beyond what JavaScript has", async () => {
    const body = JSON.stringify(good).replace("17", "1e999");
    expect((await invalid(answered(body))).message).toContain(
      "created_at: expected Unix seconds, got Infinity",
    );
  });

  test("a field of an item of a list, named by its place", async () => {
    const page = { object: "list", has_more: false, data: [good, { ...good, name: 1 }] };
    const { error } = await imagesList(answered(JSON.stringify(page)));
    expect(error?.message).toContain("data[1].name: expected");
  });

  test.each([{ data: {} }, { has_more: 1 }, { cursor: "page2" }, { cursor: 5 }])(
    "a list with %j",
    async (odd) => {
      const page = { object: "list", has_more: false, data: [], ...odd };
      const { error } = await imagesList(answered(JSON.stringify(page)));
      expect(error).toBeInstanceOf(errors.ResponseValidationError);
    },
  );

  test("a part URL that is none, without saying it", async () => {
    const client = answered(JSON.stringify({ url: "/part?X-Amz-Signature=canary", expires_at: 1 }));
    const { error } = await imagesUploadPart(client, { id, body: { partId: 1 } });
    expect(error?.message).toMatch(/url: expected an absolute URL, got another text$/);
  });

  test.each([-1, 1.5, 2 ** 60, "5"])("a size of %j", async (size) => {
    const answer = { url: "https://s.example.com/", expires_at: 1, sha256: null, size };
    const { error } = await imagesDownload(answered(JSON.stringify(answer)), { id });
    expect(error?.message).toContain("size: expected a whole number");
  });

  test("a declared status with JSON of another shape", async () => {
    const { error } = await imagesFetch(
      answered('{"error":"gone"}', { status: 404, headers: json }),
      { id },
    );
    expect(error).toBeInstanceOf(errors.ResponseValidationError);
    expect(error).toMatchObject({ statusCode: 404 });
    expect(error?.message).toContain("error: expected an object, got another text");
  });
});

describe("what is not known is let through", () => {
  test("an unknown uploadStatus", async () => {
    const { value } = await imagesFetch(
      answered(JSON.stringify({ ...good, upload_status: "melting" })),
      { id },
    );
    expect(value?.uploadStatus).toBe("melting");
  });

  test("unknown fields, however deep", async () => {
    const deep = `{"a":`.repeat(1e5) + "1" + "}".repeat(1e5);
    const body = JSON.stringify(good).replace("{", `{"new":${deep},`);
    const { value } = await imagesFetch(answered(body), { id });
    expect(value).toEqual({
      object: "image",
      id,
      name: "disk",
      uploadStatus: "started",
      createdAt: 17,
    });
  });

  test("__proto__ beside the fields changes nothing", async () => {
    const body = JSON.stringify(good).replace(
      "{",
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},',
    );
    const { value } = await imagesFetch(answered(body), { id });
    expect(value).toEqual({
      object: "image",
      id,
      name: "disk",
      uploadStatus: "started",
      createdAt: 17,
    });
    expect(value).not.toHaveProperty("polluted");
    expect({}).not.toHaveProperty("polluted");
  });

  test("an error of an unknown type keeps its status's class", async () => {
    const body = JSON.stringify({
      error: { type: "image_gone", message: "It is gone", details: null },
    });
    const { error } = await imagesFetch(answered(body, { status: 404, headers: json }), { id });
    expect(error).toBeInstanceOf(errors.NotFoundError);
    expect(error).toMatchObject({
      data$: { error: { type: "image_gone", message: "It is gone" } },
    });
  });

  test.each([
    "invalid_request_error",
    "authentication_error",
    "forbidden",
    "not_found",
    "conflict",
    "api_error",
    "idempotency_error",
    "request_timed_out",
    "not_implemented",
    "upgrade_required",
    "payment_required",
    "service_unavailable",
    "unprocessable_entity",
    "gone",
  ] satisfies WireErrorType[])("the error type %s, with any declared status", async (type) => {
    for (const status of [401, 404, 500]) {
      const body = JSON.stringify({ error: { type, message: "What is wrong" } });
      const { error } = await imagesFetch(answered(body, { status, headers: json }), { id });
      expect(error).toMatchObject({ statusCode: status, data$: { error: { type } } });
    }
  });

  test("an error without a message says its status", async () => {
    const body = JSON.stringify({ error: { type: "not_found", message: "" } });
    const { error } = await imagesFetch(answered(body, { status: 404, headers: json }), { id });
    expect(error?.message).toBe("Status 404");
  });

  test("a download without digest has an empty one, as the vendor's", async () => {
    const answer = { url: "https://s.example.com/", expires_at: 1, sha256: null, size: 1 };
    const { value } = await imagesDownload(answered(JSON.stringify(answer)), { id });
    expect(value?.sha256).toBe("");
  });

  test("JSON under another content type", async () => {
    expect((await imagesFetch(answered(JSON.stringify(good), {}), { id })).ok).toBe(true);
  });
});

describe("an answer from somebody between", () => {
  test.each([502, 503, 504, 401, 404, 500])(
    "as HTML with status %i is an SfcDefaultError",
    async (status) => {
      const client = answered("<h1>Bad Gateway</h1>", {
        status,
        headers: { "content-type": "text/html; charset=x" },
      });
      const { error } = await imagesFetch(client, { id });
      expect(error).toBeInstanceOf(errors.SfcDefaultError);
      expect(error).toMatchObject({ statusCode: status, body: "<h1>Bad Gateway</h1>" });
      expect(error?.message).toBe(
        `API error occurred: Status ${status} Content-Type "text/html; charset=x". Body: <h1>Bad Gateway</h1>`,
      );
    },
  );

  test("with an empty body says so", async () => {
    const { error } = await imagesFetch(answered(null, { status: 503 }), { id });
    expect(error?.message).toBe('API error occurred: Status 503 Content-Type "". Body: ""');
  });

  test("with a success that the operation doesn't have is an SfcDefaultError", async () => {
    const { error } = await imagesFetch(answered(null, { status: 204 }), { id });
    expect(error).toBeInstanceOf(errors.SfcDefaultError);
    expect(error?.message).toContain("Unexpected Status or Content-Type: Status 204");
  });

  test("a long one is shown in part", async () => {
    const { error } = await imagesFetch(answered("x".repeat(12_000), { status: 502 }), { id });
    expect(error?.message).toContain("\nBody: x");
    expect(error?.message.endsWith("...and 2000 more chars")).toBe(true);
  });
});

describe("an endless answer is cut, and let go of", () => {
  /** 64 KiB of the same letter at each read, for ever. */
  function endless(status: number, type: string) {
    const seen = { chunks: 0, cancelled: false };
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        seen.chunks++;
        controller.enqueue(new Uint8Array(2 ** 16).fill(97));
      },
      cancel: () => void (seen.cancelled = true),
    });
    const fetcher = async () => new Response(stream, { status, headers: { "content-type": type } });
    const httpClient = new HTTPClient({ fetcher });
    return { seen, client: new SfcCore({ serverURL: "https://api.example.com", httpClient }) };
  }

  test("after 1 MiB of a success", async () => {
    const { seen, client } = endless(200, "application/json");
    const error = await invalid(client);
    expect(error.message).toContain("expected a shorter body, got one that was cut");
    expect(error.body.endsWith("...cut at 1048576 bytes")).toBe(true);
    expect(seen.cancelled).toBe(true);
    expect(seen.chunks).toBeLessThan(20);
  });

  test("after 64 KiB of an error", async () => {
    const { seen, client } = endless(502, "text/html");
    const { error } = await imagesFetch(client, { id });
    expect(error).toBeInstanceOf(errors.SfcDefaultError);
    expect(error?.message).toContain("its body was cut at 64 KiB");
    expect((error as errors.SfcError).body).toBe("a".repeat(2 ** 16) + " ...cut at 65536 bytes");
    expect(seen.cancelled).toBe(true);
  });

  test.each([
    ["application/json", errors.ResponseValidationError],
    ["text/html", errors.SfcDefaultError],
  ])("after 64 KiB of a declared error as %s", async (type, Class) => {
    const { error } = await imagesFetch(endless(404, type).client, { id });
    expect(error).toBeInstanceOf(Class);
    expect(error?.message).toContain("cut");
  });

  test("a body of exactly 1 MiB is whole", async () => {
    const start = JSON.stringify(good);
    const body = start + " ".repeat(2 ** 20 - start.length);
    expect((await imagesFetch(answered(body), { id })).ok).toBe(true);
    expect((await imagesFetch(answered(`${body} `), { id })).ok).toBe(false);
  });
});
