import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { HTTPClient, Sfc, type SDKOptions } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import type { RequestOptions } from "@img/core/lib/sdks.js";
import { HTTPClientError, SfcError } from "@img/core/models/errors";

const token = "tok_CANARY+in/the=coalmine";
const signature = "5CANARYc0ffee5";
const presigned = `https://store.example.com/bucket/part?partNumber=1&X-Amz-Signature=${signature}&X-Amz-Credential=CANARY/x`;
const secret = /CANARY/;
const id = "image_1";

/** Everything that prints, logs and crash reporters show of a value, and what they find by walking it. */
function everythingShownBy(value: unknown, depth = 0): string {
  if (depth > 8 || value === null || typeof value !== "object") return String(value);
  const shown = [inspect(value, { depth: 9, showHidden: true, getters: false }), inspect(value)];
  shown.push(
    JSON.stringify(value),
    value instanceof Error ? `${String(value)}\n${value.stack}` : "",
  );
  for (const key of Reflect.ownKeys(value)) {
    // What somebody else threw is theirs: it is given to those who ask for it, and shown to nobody.
    if (key === "cause" && value instanceof HTTPClientError) continue;
    shown.push(String(key), everythingShownBy(Reflect.get(value, key), depth + 1));
  }
  if (value instanceof SfcError) shown.push(value.body, JSON.stringify(Object.entries(value)));
  for (const name of ["pretty", "toString"]) {
    const method: unknown = Reflect.get(value, name);
    if (typeof method === "function") shown.push(String(Reflect.apply(method, value, [])));
  }
  return shown.join("\n");
}

type Given = {
  answer?: () => Response;
  thrown?: unknown;
  client?: SDKOptions;
  call?: RequestOptions;
};

async function failing({ answer, thrown, client, call }: Given) {
  const lines: string[] = [];
  const debugLogger = {
    group: (label = "") => void lines.push(label),
    groupEnd: () => {},
    log: (...args: unknown[]) => void lines.push(args.map((arg) => inspect(arg)).join(" ")),
  };
  const httpClient = new HTTPClient({
    fetcher: async () => {
      if (answer) return answer();
      throw thrown;
    },
  });
  const core = new SfcCore({
    serverURL: "https://api.example.com",
    bearerAuth: token,
    httpClient,
    debugLogger,
    ...client,
  });
  const result = await imagesDownload(core, { id }, call);
  return { result, core, logged: lines.join("\n") };
}

const error = (message: string) => ({
  error: { type: "not_found", message, details: [{ code: "x", message }] },
});
const json = (body: unknown, status: number) => () =>
  Response.json(body, { status, headers: { "set-cookie": `sid=${token}`, location: presigned } });
const nested = () => {
  const request = new Request("https://api.example.com", {
    headers: { authorization: `Bearer ${token}` },
  });
  const config = { headers: { Authorization: `Bearer ${token}` }, url: presigned };
  const inner = Object.assign(new Error(`read ${presigned} failed`), {
    code: "ECONNRESET",
    request,
    config,
  });
  return Object.assign(new TypeError(`fetch failed, sent Bearer ${token}`, { cause: inner }), {
    config,
    request,
  });
};

const failures: Record<string, Given> = {
  "an error that echoes them": { answer: json(error(`no ${token} for ${presigned}`), 404) },
  "an error that echoes them with escaped slashes": {
    answer: () =>
      new Response(JSON.stringify(error(`no ${token} for ${presigned}`)).replaceAll("/", "\\/"), {
        status: 404,
        headers: { "content-type": "application/json" },
      }),
  },
  "an error of another shape": { answer: json({ oops: { url: presigned, token } }, 404) },
  "an undeclared error": { answer: json(error(`no ${token} for ${presigned}`), 429) },
  "an object store's XML": {
    answer: () =>
      new Response(
        `<Error><Resource>/part?X-Amz-Signature=${signature}</Resource><T>Bearer ${token}</T></Error>`,
        {
          status: 403,
        },
      ),
  },
  "a URL encoded into another": {
    answer: () => new Response(`see /login?next=${encodeURIComponent(presigned)}`, { status: 502 }),
  },
  "a redirect to it": { answer: json({}, 302) },
  "a success of another shape": {
    answer: json({ url: presigned, expires_at: presigned, sha256: null, size: token }, 200),
  },
  "a success whose URL is none": {
    answer: json({ url: `part?sig=${signature}`, expires_at: 1, size: 1 }, 200),
  },
  "a success that is no JSON": { answer: () => new Response(`${token} ${presigned}`) },
  "a fetcher's error": { thrown: nested() },
  "a fetcher's unexpected error": { thrown: Object.assign(nested(), { message: `odd ${token}` }) },
  "a fetcher's text": { thrown: `sent ${token} to ${presigned}` },
  "a body that breaks off": {
    answer: () => new Response(new ReadableStream({ pull: () => Promise.reject(nested()) })),
  },
  "a token that no header can hold": { client: { bearerAuth: `${token}\n${token}` } },
  "a token function's error": {
    client: {
      bearerAuth: () =>
        Promise.reject(Object.assign(new Error(`GET ${presigned}`), { request: nested() })),
    },
  },
  "a header that is none": { call: { headers: { authorization: `Bearer ${token}\n${token}` } } },
  "a token given as header": {
    client: { bearerAuth: undefined },
    call: { headers: { authorization: `Bearer ${token}` } },
    answer: json(error(`no ${token}`), 404),
  },
  "a hook's error": {
    client: {
      httpClient: new HTTPClient().addHook("beforeRequest", () => Promise.reject(nested())),
    },
  },
};

describe("neither token nor presigned query is shown by", () => {
  test.each(Object.entries(failures))("%s", async (_, given) => {
    const { result, logged } = await failing(given);
    expect(result.ok).toBe(false);
    expect(everythingShownBy(result.error)).not.toMatch(secret);
    expect(everythingShownBy(result)).not.toMatch(secret);
    expect(logged).not.toMatch(secret);
  });

  test("a server URL with a password", () => {
    for (const serverURL of [
      `https://me:${token}@api.example.com`,
      `https://[${token}]`,
      `ftp://x/${token}`,
      `http://x.example/${token}`,
    ]) {
      let thrown: unknown;
      try {
        new SfcCore({ serverURL });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(HTTPClientError);
      expect(everythingShownBy(thrown)).not.toMatch(secret);
    }
  });

  test("an input that is refused", async () => {
    const { error } = await imagesFetch(new SfcCore(), { id: presigned });
    expect(error?.message).toContain("[redacted]");
    expect(everythingShownBy(error)).not.toMatch(secret);
  });

  test("a client", () => {
    const sfc = new Sfc({ serverURL: "https://api.example.com", bearerAuth: token });
    expect(everythingShownBy(sfc) + everythingShownBy(sfc.images)).not.toMatch(secret);
    expect(inspect(sfc)).toBe("Sfc {}");
  });

  test("the debug output of a call that succeeds", async () => {
    const answer = { url: presigned, expires_at: 1, sha256: null, size: 1, note: token };
    const { result, logged } = await failing({ answer: json(answer, 200) });
    expect(result.value?.url).toBe(presigned);
    expect(logged).toContain("> Request: GET https://api.example.com/v2/images/image_1/download");
    expect(logged).toContain("authorization: [redacted]");
    expect(logged).toContain("< Response: 200 to GET");
    expect(logged).toContain("https://store.example.com/bucket/part?[redacted]");
    expect(logged).not.toMatch(secret);
  });
});

describe("what is left after redaction", () => {
  test("says what was wrong and where", async () => {
    const { result } = await failing(failures["an error that echoes them"]!);
    expect(result.error?.message).toBe(
      "no [redacted] for https://store.example.com/bucket/part?[redacted]",
    );
    expect(result.error).toMatchObject({ name: "NotFoundError", statusCode: 404 });
  });

  test("what caused it is there for those who ask, and in nothing that prints the error", async () => {
    const thrown = nested();
    const { result } = await failing({ thrown });
    expect(result.error?.cause).toBe(thrown);
    expect(inspect(thrown)).toMatch(secret);
    expect(inspect(result.error)).not.toMatch(secret);
    expect(JSON.stringify(result.error)).not.toMatch(secret);
  });

  test("keeps the answer's headers and response, for those who ask", async () => {
    const { result } = await failing(failures["a redirect to it"]!);
    expect(result.error).toBeInstanceOf(SfcError);
    expect((result.error as SfcError).headers.get("location")).toBe(presigned);
  });

  test("a short token is not cut out of other words", async () => {
    const answer = json(error("test failed, Bearer test"), 404);
    const { result } = await failing({ answer, client: { bearerAuth: "test" } });
    expect(result.error?.message).toBe("test failed, Bearer [redacted]");
  });

  test("a logger that throws costs nothing", async () => {
    const debugLogger = {
      group: () => {},
      groupEnd: () => {},
      log: () => {
        throw new Error("full disk");
      },
    };
    const answer = json({ url: presigned, expires_at: 1, size: 1 }, 200);
    const { result } = await failing({ answer, client: { debugLogger } });
    expect(result.ok).toBe(true);
  });
});
