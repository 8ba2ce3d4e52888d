import { describe, expect, test } from "vitest";
import { HTTPClient, Sfc, ServerList } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesUploadPart } from "@img/core/funcs/images-upload-part.js";
import { imagesCompleteUpload } from "@img/core/funcs/images-complete-upload.js";
import { imagesStartUpload } from "@img/core/funcs/images-start-upload.js";
import * as errors from "@img/core/models/errors";

const id = "image_1";

function noting() {
  const urls: string[] = [];
  const fetcher = async (input: string | URL | Request) => {
    urls.push((input as Request).url);
    return new Response(null, { status: 503 });
  };
  return { urls, httpClient: new HTTPClient({ fetcher }) };
}

describe("serverURL", () => {
  test.each([
    ["https://api.example.com", "https://api.example.com/v2/images/image_1"],
    ["https://api.example.com/", "https://api.example.com/v2/images/image_1"],
    ["https://api.example.com/base//", "https://api.example.com/base/v2/images/image_1"],
    ["https://proxy.example/sfc/", "https://proxy.example/sfc/v2/images/image_1"],
    ["https://proxy.example/sfc", "https://proxy.example/sfc/v2/images/image_1"],
    ["https://proxy.example/a%2Fb/", "https://proxy.example/a%2Fb/v2/images/image_1"],
    ["http://localhost:8080", "http://localhost:8080/v2/images/image_1"],
    ["http://my.localhost", "http://my.localhost/v2/images/image_1"],
    ["http://127.9.9.9", "http://127.9.9.9/v2/images/image_1"],
    ["http://[::1]:80", "http://[::1]/v2/images/image_1"],
  ])("%s leads to %s", async (serverURL, url) => {
    const { urls, httpClient } = noting();
    await imagesFetch(new SfcCore({ serverURL, httpClient }), { id });
    await imagesFetch(new SfcCore({ httpClient }), { id }, { serverURL: new URL(serverURL) });
    expect(urls).toEqual([url, url]);
  });

  const refused = [
    ["http://api.example.com", "would get the token in the clear"],
    ["http://127.0.0.1.example.com", "would get the token in the clear"],
    ["http://10.0.0.1", "would get the token in the clear"],
    ["http://localhost.example.com", "would get the token in the clear"],
    ["/", "must be an absolute URL"],
    ["file:///etc", "must be an absolute URL"],
    ["api.example.com", "must be an absolute URL"],
    ["https://me:pw@api.example.com", "must not hold a user or password"],
    ["https://api.example.com/base?x=1", "must not hold a query or fragment"],
    ["https://api.example.com/base?", "must not hold a query or fragment"],
    ["https://api.example.com/#y", "must not hold a query or fragment"],
    ["https://me@api.example.com", "must not hold a user or password"],
  ] as const;

  test.each(refused)("%s is refused when the client is made: %s", (serverURL, why) => {
    expect(() => new Sfc({ serverURL })).toThrow(errors.InvalidRequestError);
    expect(() => new Sfc({ serverURL })).toThrow(why);
  });

  test.each(refused)(
    "%s is refused for a call, before anything is sent: %s",
    async (serverURL, why) => {
      const { urls, httpClient } = noting();
      const client = new SfcCore({ serverURL: "https://api.example.com", httpClient });
      const { error } = await imagesFetch(client, { id }, { serverURL });
      expect(error).toBeInstanceOf(errors.InvalidRequestError);
      expect(error?.message).toContain(why);
      expect(urls).toEqual([]);
    },
  );

  test("plain http to another machine needs allowInsecureHttp", async () => {
    const { urls, httpClient } = noting();
    const options = { serverURL: "http://api.example.com", allowInsecureHttp: true, httpClient };
    await imagesFetch(new SfcCore(options), { id });
    await imagesFetch(new SfcCore(options), { id }, { serverURL: "http://other.example.com" });
    expect(urls).toHaveLength(2);
  });

  test("is needed by the call where the client has none", async () => {
    await expect(new Sfc().images.list()).rejects.toThrow("No server: give `serverURL`");
    expect(ServerList).toEqual(["/"]);
  });

  test("that the caller holds is not changed", async () => {
    const serverURL = new URL("https://api.example.com/base");
    const { httpClient } = noting();
    await imagesFetch(new SfcCore({ httpClient }), { id }, { serverURL });
    expect(serverURL.href).toBe("https://api.example.com/base");
  });
});

test("nothing is read from the environment", async () => {
  process.env["SFC_BEARER_AUTH"] = "token-of-the-environment";
  const seen: (string | null)[] = [];
  const fetcher = async (input: string | URL | Request) => {
    seen.push((input as Request).headers.get("authorization"));
    return new Response(null, { status: 503 });
  };
  try {
    const httpClient = new HTTPClient({ fetcher });
    await imagesFetch(new SfcCore({ serverURL: "https://api.example.com", httpClient }), { id });
  } finally {
    delete process.env["SFC_BEARER_AUTH"];
  }
  expect(seen).toEqual([null]);
});

describe("input that the contract rules out is an SDKValidationError before a byte is sent:", () => {
  const { urls, httpClient } = noting();
  const client = new SfcCore({ serverURL: "https://api.example.com", httpClient });
  const sha256 = "0".repeat(64);

  test.each([
    ["image_", "id: expected"],
    ["../image_1", "id: expected"],
    ["image_1/parts", "id: expected"],
    ["image_1234567890123456789012", "id: expected"],
    ["image_1\n", "id: expected"],
    [undefined, "id: expected"],
    [5, "id: expected"],
  ])("an id of %j", async (odd, why) => {
    const { error } = await imagesFetch(client, { id: odd as string });
    expect(error).toBeInstanceOf(errors.SDKValidationError);
    expect(error?.message).toContain(why);
  });

  test.each(["", "-a", ".a", "a b", "a/b", "ä", "a".repeat(256), null])(
    "a name of %j",
    async (odd) => {
      const { error } = await imagesStartUpload(client, { name: odd });
      expect(error).toBeInstanceOf(errors.SDKValidationError);
    },
  );

  test.each([0, -1, 1.5, 2 ** 31, NaN, "1", null, undefined])("a partId of %s", async (odd) => {
    const { error } = await imagesUploadPart(client, { id, body: { partId: odd as number } });
    expect(error).toBeInstanceOf(errors.SDKValidationError);
    expect(error?.message).toContain("body.partId: expected a whole number from 1 to 2147483647");
  });

  test.each(["", "<value>", sha256.slice(1), `${sha256}0`, "A".repeat(64), null])(
    "a sha256 of %j",
    async (odd) => {
      const { error } = await imagesCompleteUpload(client, { id, body: { sha256: odd as string } });
      expect(error).toBeInstanceOf(errors.SDKValidationError);
      expect(error?.message).toContain("body.sha256: expected 64 lower-case hex digits");
    },
  );

  test.each([undefined, null, "image_1", []])("a request of %j", async (odd) => {
    const { error } = await imagesFetch(client, odd as unknown as { id: string });
    expect(error).toMatchObject({ name: "SDKValidationError", code: "INPUT_INVALID" });
    expect((error as errors.SDKValidationError).pretty()).toContain("→ at the value");
  });

  test("and nothing was sent", () => {
    expect(urls).toEqual([]);
  });

  test("a long value is shown in part", async () => {
    const { error } = await imagesStartUpload(client, { name: "a".repeat(5000) });
    expect(error?.message.endsWith(`got "${"a".repeat(60)}"`)).toBe(true);
  });
});
