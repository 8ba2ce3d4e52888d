import { expect, test } from "vitest";
import { HTTPClient } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { UnexpectedClientError } from "@img/core/models/errors";

const request = () => new Request("https://api.example.com/");

/** Notes what reaches the fetcher. */
function noting(answer: () => Response = () => new Response("ok")) {
  const seen: (string | null)[] = [];
  const client = new HTTPClient({
    fetcher: async (input) => {
      seen.push((input as Request).headers.get("x-seen"));
      return answer();
    },
  });
  return { client, seen };
}

test("a beforeRequest hook can change the request", async () => {
  const { client, seen } = noting();
  client.addHook("beforeRequest", (given) => given.headers.set("x-seen", "changed"));
  await client.request(request());
  expect(seen).toEqual(["changed"]);
});

test("a beforeRequest hook can give another request, which the next hook gets", async () => {
  const { client, seen } = noting();
  client.addHook(
    "beforeRequest",
    async (given) => new Request(given, { headers: { "x-seen": "a" } }),
  );
  client.addHook("beforeRequest", (given) => {
    given.headers.append("x-seen", "b");
  });
  await client.request(request());
  expect(seen).toEqual(["a, b"]);
});

test("response hooks get the response and the request that was sent", async () => {
  const { client } = noting(() => new Response("ok", { headers: { date: "today" } }));
  const another = request();
  const seen: unknown[] = [];
  client.addHook("beforeRequest", () => another);
  client.addHook(
    "response",
    (response, sent) => void seen.push(response.headers.get("date"), sent),
  );
  await client.request(request());
  expect(seen).toEqual(["today", another]);
});

test("requestError hooks get the error, which is thrown on", async () => {
  const failure = new TypeError("fetch failed");
  const client = new HTTPClient({ fetcher: () => Promise.reject(failure) });
  const seen: unknown[] = [];
  client.addHook("requestError", (error, sent) => void seen.push(error, sent.url));
  client.addHook("response", () => void seen.push("no response"));
  await expect(client.request(request())).rejects.toBe(failure);
  expect(seen).toEqual([failure, "https://api.example.com/"]);
});

test("a response hook that throws fails the call, and requestError hooks are told", async () => {
  const { client: httpClient } = noting();
  const seen: unknown[] = [];
  const broken = new Error("the hook is broken");
  httpClient.addHook("response", () => {
    throw broken;
  });
  httpClient.addHook("requestError", (error) => void seen.push(error));
  const core = new SfcCore({ serverURL: "https://api.example.com", httpClient });
  const { error } = await imagesFetch(core, { id: "image_1" });
  expect(error).toBeInstanceOf(UnexpectedClientError);
  expect(error?.message).toBe("Unexpected HTTP client error: the hook is broken");
  expect(seen).toEqual([broken]);
});

test("a removed hook is not called; one that was never added may be removed", async () => {
  const { client, seen } = noting();
  const hook = (given: Request) => given.headers.set("x-seen", "hook");
  client.addHook("beforeRequest", hook).removeHook("beforeRequest", hook);
  client.removeHook("beforeRequest", hook).removeHook("response", () => {});
  await client.request(request());
  expect(seen).toEqual([null]);
});

test("a hook that removes itself is called once, and the next one still is", async () => {
  const { client } = noting();
  const seen: string[] = [];
  const once = () => {
    seen.push("once");
    client.removeHook("response", once);
  };
  client.addHook("response", once).addHook("response", () => void seen.push("always"));
  await client.request(request());
  await client.request(request());
  expect(seen).toEqual(["once", "always", "always"]);
});

test("a clone has the same hooks and fetcher, and its own from then on", async () => {
  const { client, seen } = noting();
  client.addHook("beforeRequest", (given) => given.headers.append("x-seen", "both"));
  const clone = client.clone();
  client.addHook("beforeRequest", (given) => given.headers.append("x-seen", "original"));
  clone.addHook("beforeRequest", (given) => given.headers.append("x-seen", "clone"));
  await client.request(request());
  await clone.request(request());
  expect(seen).toEqual(["both, original", "both, clone"]);
});

test("an unknown kind of hook is refused", () => {
  const kind = "afterAll" as "response";
  expect(() => new HTTPClient().addHook(kind, () => {})).toThrow("Invalid hook type: afterAll");
  expect(() => new HTTPClient().removeHook("toString" as "response", () => {})).toThrow(
    "Invalid hook type",
  );
});

test("a request that was aborted during a hook is not sent", async () => {
  const { client, seen } = noting();
  const stop = new AbortController();
  client.addHook("beforeRequest", () => {
    stop.abort(new Error("enough"));
    return request();
  });
  await expect(client.request(new Request(request(), { signal: stop.signal }))).rejects.toThrow(
    "enough",
  );
  expect(seen).toEqual([]);
});

test("without a fetcher, the platform's fetch of the moment is used", async () => {
  const client = new HTTPClient();
  const original = globalThis.fetch;
  globalThis.fetch = async () => new Response("patched later");
  try {
    expect(await (await client.request(request())).text()).toBe("patched later");
  } finally {
    globalThis.fetch = original;
  }
});
