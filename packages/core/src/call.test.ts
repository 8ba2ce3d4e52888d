import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import nock from "nock";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { HTTPClient, Sfc } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesStartUpload } from "@img/core/funcs/images-start-upload.js";
import * as errors from "@img/core/models/errors";
import type { RetryConfig } from "@img/core/retries";

const id = "image_1";
const image = { object: "image", id, name: "disk", upload_status: "started", created_at: 17 };
const serverURL = "https://api.example.com";
const api = () => nock(serverURL);
const quick: RetryConfig = {
  strategy: "backoff",
  backoff: { initialInterval: 1, maxInterval: 50, exponent: 1.1, maxElapsedTime: 1000 },
};

afterEach(() => {
  vi.useRealTimers();
  nock.cleanAll();
  nock.restore();
  nock.activate();
});

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A client whose fetcher answers in turn; an Error is thrown. */
function scripted(
  answers: (Response | Error)[],
  options: { bearerAuth?: () => Promise<string> } = {},
) {
  const requests: Request[] = [];
  const fetcher = async (input: string | URL | Request) => {
    requests.push(input as Request);
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error("no more answers");
  };
  const client = new SfcCore({ serverURL, httpClient: new HTTPClient({ fetcher }), ...options });
  return { client, requests };
}

const ok = () => Response.json(image);
const status = (code: number, headers: Record<string, string> = {}) =>
  new Response("no", { status: code, headers });
const reset = () => Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } });

describe("retries", () => {
  test("there are none unless configured", async () => {
    const { client, requests } = scripted([status(503), ok()]);
    expect((await imagesFetch(client, { id })).ok).toBe(false);
    expect(requests).toHaveLength(1);
  });

  test.each([429, 500, 502, 503, 504])("status %i is tried again", async (code) => {
    const { client, requests } = scripted([status(code), status(code), ok()]);
    expect((await imagesFetch(client, { id }, { retries: quick })).ok).toBe(true);
    expect(requests).toHaveLength(3);
  });

  test.each([400, 401, 404, 409, 501])("status %i is not", async (code) => {
    const { client, requests } = scripted([status(code), ok()]);
    expect((await imagesFetch(client, { id }, { retries: quick })).ok).toBe(false);
    expect(requests).toHaveLength(1);
  });

  test("retryCodes take the place of the statuses", async () => {
    const { client, requests } = scripted([status(404), status(503), ok()]);
    const options = { retries: quick, retryCodes: ["4XX"] };
    expect(await imagesFetch(client, { id }, options)).toMatchObject({
      error: { statusCode: 503 },
    });
    expect(requests).toHaveLength(2);
  });

  test("the client's retryConfig holds where the call has none", async () => {
    api().get(`/v2/images/${id}`).reply(503).get(`/v2/images/${id}`).reply(200, image);
    const sfc = new Sfc({ serverURL, retryConfig: quick });
    expect((await sfc.images.fetch({ id })).name).toBe("disk");
  });

  test("a call's `none` wins over the client's retryConfig", async () => {
    api().get(`/v2/images/${id}`).reply(503);
    const sfc = new Sfc({ serverURL, retryConfig: quick });
    const call = sfc.images.fetch({ id }, { retries: { strategy: "none" } });
    await expect(call).rejects.toBeInstanceOf(errors.SfcDefaultError);
  });

  test("each try sends the body again", async () => {
    const answer = { ...image };
    api()
      .post("/v2/images", { name: "disk" })
      .reply(503)
      .post("/v2/images", { name: "disk" })
      .reply(201, answer);
    const client = new SfcCore({ serverURL });
    expect((await imagesStartUpload(client, { name: "disk" }, { retries: quick })).ok).toBe(true);
  });

  test("a lost connection is tried again only where retryConnectionErrors says so", async () => {
    const without = scripted([reset(), ok()]);
    const { error } = await imagesFetch(without.client, { id }, { retries: quick });
    expect(error).toBeInstanceOf(errors.ConnectionError);
    const retries = { ...quick, retryConnectionErrors: true };
    const { client, requests } = scripted([reset(), ok()]);
    expect((await imagesFetch(client, { id }, { retries })).ok).toBe(true);
    expect(requests).toHaveLength(2);
  });

  test("when the total time is over, the last answer is the error", async () => {
    vi.useFakeTimers(); // which nobody advances
    const { client } = scripted(
      Array.from({ length: 9 }, () => status(503, { "retry-after": "20" })),
    );
    const backoff = { initialInterval: 1, maxInterval: 30_000, exponent: 1, maxElapsedTime: 1000 };
    const options = { retries: { strategy: "backoff", backoff } as const };
    const { error } = await imagesFetch(client, { id }, options);
    expect(error).toMatchObject({ statusCode: 503 });
  });

  test("Retry-After is waited for, in seconds", async () => {
    vi.useFakeTimers();
    const { client, requests } = scripted([status(429, { "retry-after": "20" }), ok()]);
    const call = imagesFetch(client, { id }, { retries: { strategy: "backoff" } });
    await vi.advanceTimersByTimeAsync(19_999);
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect((await call).ok).toBe(true);
  });

  test("Retry-After as a date is read by the clock of the answer", async () => {
    vi.useFakeTimers({ now: Date.parse("Sat, 01 Jan 2000 00:00:00 GMT") });
    const date = "Fri, 07 Mar 2025 10:00:00 GMT";
    const after = "Fri, 07 Mar 2025 10:00:20 GMT";
    const { client, requests } = scripted([status(503, { "retry-after": after, date }), ok()]);
    const call = imagesFetch(client, { id }, { retries: { strategy: "backoff" } });
    await vi.advanceTimersByTimeAsync(19_999);
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect((await call).ok).toBe(true);
  });

  test("aborting during the wait ends it at once", async () => {
    const { client, requests } = scripted([status(503, { "retry-after": "30" }), ok()]);
    const stop = new AbortController();
    const options = {
      retries: { strategy: "backoff" } as const,
      fetchOptions: { signal: stop.signal },
    };
    const call = imagesFetch(client, { id }, options);
    await expect.poll(() => requests).toHaveLength(1);
    setTimeout(() => stop.abort("enough"), 20);
    const { error } = await call;
    expect(error).toBeInstanceOf(errors.RequestAbortedError);
    expect(error?.cause).toBe("enough");
  });
});

describe("aborting", () => {
  test("before the call sends nothing", async () => {
    const { client, requests } = scripted([ok()]);
    const reason = new Error("changed my mind");
    const { error } = await imagesFetch(client, { id }, { signal: AbortSignal.abort(reason) });
    expect(error).toBeInstanceOf(errors.RequestAbortedError);
    expect(error?.cause).toBe(reason);
    expect(requests).toHaveLength(0);
  });

  test.each(["before the head", "in the body"])(
    "while the answer is awaited, %s, ends it at once",
    async (when) => {
      const stop = new AbortController();
      let closed = false;
      const url = await listening((request, response) => {
        response.on("close", () => (closed = true));
        if (when === "in the body") response.writeHead(200).write('{"object":');
        else stop.abort();
        request.resume();
      });
      const fetcher: typeof fetch = async (...given) => {
        const response = await fetch(...given);
        setTimeout(() => stop.abort()); // once the body is read
        return response;
      };
      const call = imagesFetch(
        new SfcCore({ serverURL: url, httpClient: new HTTPClient({ fetcher }) }),
        { id },
        { fetchOptions: { signal: stop.signal } },
      );
      const { error } = await call; // the timeout's is another
      expect(error).toBeInstanceOf(errors.RequestAbortedError);
      await expect.poll(() => closed).toBe(true);
    },
  );

  test.each(["the fetcher", "bearerAuth", "a hook", "the body"])(
    "ends the call even where %s never ends",
    async (hangs) => {
      const never = () => new Promise<never>(() => {});
      let cancelled = false;
      const silent = new ReadableStream({ cancel: () => void (cancelled = true) });
      const fetcher = hangs === "the fetcher" ? never : async () => new Response(silent);
      const httpClient = new HTTPClient({ fetcher });
      if (hangs === "a hook") httpClient.addHook("beforeRequest", never);
      const bearerAuth = hangs === "bearerAuth" ? never : "token";
      const client = new SfcCore({ serverURL, httpClient, bearerAuth });
      const { error } = await imagesFetch(client, { id }, { signal: AbortSignal.timeout(30) });
      expect(error).toBeInstanceOf(errors.RequestTimeoutError);
      expect(cancelled).toBe(hangs === "the body");
    },
  );

  test("while the token is awaited sends nothing afterwards", async () => {
    let give: (token: string) => void = () => {};
    const bearerAuth = () => new Promise<string>((resolve) => (give = resolve));
    const { client, requests } = scripted([ok()], { bearerAuth });
    const { error } = await imagesFetch(client, { id }, { timeoutMs: 20 });
    expect(error).toBeInstanceOf(errors.RequestTimeoutError);
    give("token");
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(requests).toHaveLength(0);
  });

  test("leaves no listener on a signal that lives on", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    const { client } = scripted([ok(), ok()]);
    await imagesFetch(client, { id }, { signal });
    await imagesFetch(client, { id }, { signal });
    expect(added).toHaveBeenCalledTimes(2);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });
});

describe("the timeout", () => {
  test("of the client ends a try that takes longer", async () => {
    const url = await listening(() => {});
    const sfc = new Sfc({ serverURL: url, timeoutMs: 50 });
    const call = sfc.images.fetch({ id });
    await expect(call).rejects.toBeInstanceOf(errors.RequestTimeoutError);
    await expect(call).rejects.toThrow("No complete answer within 50 ms");
  });

  test("of the call wins over the client's", async () => {
    const url = await listening((_, response) =>
      setTimeout(() => response.end(JSON.stringify(image)), 100),
    );
    const sfc = new Sfc({ serverURL: url, timeoutMs: 10 });
    expect((await sfc.images.fetch({ id }, { timeoutMs: 5000 })).name).toBe("disk");
    expect((await sfc.images.fetch({ id }, { timeoutMs: 0 })).name).toBe("disk");
  });

  test("does not count where the call has a signal, which ends it instead", async () => {
    const url = await listening((_, response) =>
      setTimeout(() => response.end(JSON.stringify(image)), 100),
    );
    const { signal } = new AbortController();
    const sfc = new Sfc({ serverURL: url, timeoutMs: 10 });
    expect((await sfc.images.fetch({ id }, { timeoutMs: 10, signal })).name).toBe("disk");
    expect((await sfc.images.fetch({ id }, { fetchOptions: { signal } })).name).toBe("disk");
  });

  test.each(["client", "call"])("of a try, of the %s, counts beside a signal", async (whose) => {
    const url = await listening(() => {});
    const tryTimeoutMs = 50;
    const { signal } = new AbortController();
    const sfc = new Sfc({ serverURL: url, ...(whose === "client" && { tryTimeoutMs }) });
    const options = { signal, ...(whose === "call" && { tryTimeoutMs }) };
    const call = sfc.images.fetch({ id }, options);
    await expect(call).rejects.toBeInstanceOf(errors.RequestTimeoutError);
  });

  test("counts until the last byte of the body", async () => {
    const url = await listening((_, response) => response.writeHead(200).write("{"));
    const { error } = await imagesFetch(new SfcCore({ serverURL: url }), { id }, { timeoutMs: 50 });
    expect(error).toMatchObject({ name: "RequestTimeoutError", code: "REQUEST_TIMEOUT" });
  });

  test("is tried again where retryConnectionErrors says so", async () => {
    let tries = 0;
    const url = await listening((_, response) => {
      if (++tries >= 2) response.end(JSON.stringify(image));
    });
    const options = { timeoutMs: 300, retries: { ...quick, retryConnectionErrors: true } };
    expect((await imagesFetch(new SfcCore({ serverURL: url }), { id }, options)).ok).toBe(true);
  });

  test("beyond what a timer can hold doesn't fire at once", async () => {
    const { client } = scripted([ok()]);
    expect((await imagesFetch(client, { id }, { timeoutMs: 1e12 })).ok).toBe(true);
  });
});

describe("what never becomes an answer", () => {
  test("a port where nobody listens is a ConnectionError that says why", async () => {
    const { error } = await imagesFetch(new SfcCore({ serverURL: "http://127.0.0.1:9" }), { id });
    expect(error).toBeInstanceOf(errors.ConnectionError);
    expect(error?.message).toMatch(/^Unable to make request: .*(ECONNREFUSED|bad port)/);
  });

  test("a connection that is reset before the answer", async () => {
    const url = await listening((request) => request.socket.destroy());
    const { error } = await imagesFetch(new SfcCore({ serverURL: url }), { id });
    expect(error).toBeInstanceOf(errors.ConnectionError);
  });

  test("a connection that is reset in the body", async () => {
    const url = await listening((_, response) => {
      response.writeHead(200, { "content-length": "900" }).write('{"object":');
      setTimeout(() => response.destroy(), 20);
    });
    const { error } = await imagesFetch(new SfcCore({ serverURL: url }), { id });
    expect(error).toBeInstanceOf(errors.ConnectionError);
    expect(error?.message).toContain("The answer broke off");
  });

  test.each([
    [new TypeError("Failed to fetch"), errors.ConnectionError],
    [new TypeError("NetworkError when attempting to fetch resource."), errors.ConnectionError],
    [new TypeError("Load failed"), errors.ConnectionError],
    [Object.assign(new Error("x"), { code: "EAI_AGAIN" }), errors.ConnectionError],
    [Object.assign(new Error("x"), { code: "UND_ERR_CONNECT_TIMEOUT" }), errors.ConnectionError],
    [Object.assign(new Error("x"), { name: "ConnectionError" }), errors.ConnectionError],
    [new DOMException("x", "AbortError"), errors.RequestAbortedError],
    [new DOMException("x", "TimeoutError"), errors.RequestTimeoutError],
    [new TypeError("x is not a function"), errors.UnexpectedClientError],
    [new Error("what?"), errors.UnexpectedClientError],
  ])("a fetcher's %s", async (thrown, Class) => {
    const { error } = await imagesFetch(scripted([thrown]).client, { id });
    expect(error).toBeInstanceOf(Class);
    expect(error?.cause).toBe(thrown);
  });

  test("what a hook or bearerAuth throws is the cause itself, with its class", async () => {
    class Unlicensed extends Error {}
    const thrown = new Unlicensed("no licence");
    const refuse = () => Promise.reject(thrown);
    const hooked = new HTTPClient().addHook("beforeRequest", refuse);
    const failures = await Promise.all([
      imagesFetch(new SfcCore({ serverURL, httpClient: hooked }), { id }),
      imagesFetch(new SfcCore({ serverURL, bearerAuth: refuse }), { id }),
    ]);
    for (const { error } of failures) {
      expect(error).toBeInstanceOf(errors.UnexpectedClientError);
      expect(error?.cause).toBe(thrown);
      expect(error?.message).toContain("no licence");
    }
  });

  test.each(["text", undefined, null, {}])(
    "a fetcher that throws %j is no exception",
    async (thrown) => {
      const fetcher = () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- others do
        throw thrown;
      };
      const client = new SfcCore({ serverURL, httpClient: new HTTPClient({ fetcher }) });
      expect((await imagesFetch(client, { id })).error).toBeInstanceOf(
        errors.UnexpectedClientError,
      );
    },
  );

  test("a fetcher that answers nothing is no exception either", async () => {
    const fetcher = async () => undefined as unknown as Response;
    const client = new SfcCore({ serverURL, httpClient: new HTTPClient({ fetcher }) });
    expect((await imagesFetch(client, { id })).error).toBeInstanceOf(errors.UnexpectedClientError);
  });

  test("$inspect tells the last request and response, with the answer's Date", async () => {
    const date = "Fri, 07 Mar 2025 10:00:00 GMT";
    const { client } = scripted([Response.json(image, { headers: { date } }), reset()]);
    const [result, call] = await imagesFetch(client, { id }).$inspect();
    expect(result.ok).toBe(true);
    expect(call.response?.headers.get("date")).toBe(date);
    const [, failed] = await imagesFetch(client, { id }).$inspect();
    expect(failed.status).toBe("request-error");
    expect(failed.request?.url).toBe(`${serverURL}/v2/images/${id}`);
    const [, unsent] = await imagesFetch(client, { id: "no id" }).$inspect();
    expect(unsent).toEqual({ status: "invalid" });
  });
});

describe("a redirect is not followed with the token", () => {
  test.each([301, 302, 303, 307, 308])("%i", async (code) => {
    let elsewhere = 0;
    const other = await listening((_, response) => {
      elsewhere++;
      response.end(JSON.stringify(image));
    });
    const url = await listening((_, response) =>
      response.writeHead(code, { location: `${other}/?sig=s3cr3t` }).end(),
    );
    const client = new SfcCore({ serverURL: url, bearerAuth: "token-of-the-test" });
    const { error } = await imagesFetch(client, { id }, { fetchOptions: { redirect: "follow" } });
    expect(error).toBeInstanceOf(errors.SfcDefaultError);
    expect(error?.message).toContain(
      `Redirects are not followed, because the token would be sent to the new address: Status ${code}`,
    );
    expect(elsewhere).toBe(0);
  });

  test("in a browser, which hides its status", async () => {
    const opaque = Object.defineProperties(new Response(null), {
      type: { value: "opaqueredirect" },
      status: { value: 0 },
    });
    const { error } = await imagesFetch(scripted([opaque]).client, { id });
    expect(error?.message).toContain("Redirects are not followed");
  });
});

describe("the token", () => {
  const sent = async (bearerAuth: string | (() => Promise<string>) | undefined) => {
    const requests: Request[] = [];
    const httpClient = new HTTPClient({
      fetcher: async (input) => {
        requests.push(input as Request);
        return ok();
      },
    });
    const { error } = await imagesFetch(new SfcCore({ serverURL, httpClient, bearerAuth }), { id });
    return error ?? requests[0]?.headers.get("authorization");
  };

  test.each([
    ["abc", "Bearer abc"],
    ["Bearer abc", "Bearer abc"],
    [" abc\n", "Bearer abc"],
    [async () => "abc", "Bearer abc"],
    ["", null],
    [undefined, null],
  ])("%s is sent as %s", async (bearerAuth, header) => {
    expect(await sent(bearerAuth)).toBe(header);
  });

  test.each(["a\nb", "a\0b", "tökən", 5 as unknown as string])(
    "that no header can hold is refused without saying it",
    async (bearerAuth) => {
      const error = await sent(bearerAuth);
      expect(error).toBeInstanceOf(errors.InvalidRequestError);
      expect(String(error)).toBe(
        "InvalidRequestError: `bearerAuth` must be text that a header can hold",
      );
    },
  );

  test("a function that fails is an UnexpectedClientError", async () => {
    const error = await sent(() => Promise.reject(new Error("no network for tokens")));
    expect(error).toMatchObject({
      name: "UnexpectedClientError",
      message: "The `bearerAuth` function failed: no network for tokens",
    });
  });

  test("after a 401 the function is asked once more, and a new token is tried", async () => {
    const tokens = ["old", "new", "newer"];
    const { client, requests } = scripted([status(401), ok()], {
      bearerAuth: async () => tokens.shift()!,
    });
    expect((await imagesFetch(client, { id })).ok).toBe(true);
    expect(requests.map((request) => request.headers.get("authorization"))).toEqual([
      "Bearer old",
      "Bearer new",
    ]);
  });

  test("after two 401 it is the caller's turn", async () => {
    let asked = 0;
    const bearerAuth = async () => `token ${++asked}`;
    const { client, requests } = scripted([status(401), status(401), ok()], { bearerAuth });
    expect(await imagesFetch(client, { id })).toMatchObject({ error: { statusCode: 401 } });
    expect(requests).toHaveLength(2);
    expect(asked).toBe(2);
  });

  test("the same token is not sent twice", async () => {
    const { client, requests } = scripted([status(401), ok()], { bearerAuth: async () => "same" });
    expect(await imagesFetch(client, { id })).toMatchObject({ error: { statusCode: 401 } });
    expect(requests).toHaveLength(1);
  });
});

describe("options of fetch", () => {
  test("headers can stand in fetchOptions or beside it, and win over ours", async () => {
    const { client, requests } = scripted([ok(), ok()]);
    await imagesFetch(client, { id }, { fetchOptions: { headers: { "x-a": "1", accept: "x/y" } } });
    await imagesFetch(client, { id }, { headers: { "x-a": "2" } });
    expect(requests.map(({ headers }) => headers.get("x-a"))).toEqual(["1", "2"]);
    expect(requests.map(({ headers }) => headers.get("accept"))).toEqual([
      "x/y",
      "application/json",
    ]);
  });

  test("userAgent is sent where it is set", async () => {
    api().get(`/v2/images/${id}`).matchHeader("user-agent", "me/1").reply(200, image);
    const sfc = new Sfc({ serverURL, userAgent: "me/1" });
    expect((await sfc.images.fetch({ id })).id).toBe(id);
  });

  test("that make no request are an InvalidRequestError", async () => {
    const { client } = scripted([]);
    const { error } = await imagesFetch(client, { id }, { headers: { "x-key": "se\ncret" } });
    expect(error).toBeInstanceOf(errors.InvalidRequestError);
    expect(error?.message).not.toContain("cret");
  });
});
