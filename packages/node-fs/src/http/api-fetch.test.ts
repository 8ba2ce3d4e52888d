import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { startConnectProxy } from "../testing/connect-proxy.js";
import { startHanging } from "../testing/hanging-server.js";
import { apiFetch } from "./api-fetch.js";

// fault N12
test.each(["directly", "through a proxy"])(
  "a call that is aborted while it connects leaves no connection behind, %s",
  async (way) => {
    const { url, arrived, closed, close } = await startHanging("the TLS handshake", null);
    onTestFinished(close);
    await useProxy(way === "directly" ? undefined : {});
    const abort = new AbortController();
    const calling = apiFetch(url, { signal: abort.signal });
    const rejected = expect(calling).rejects.toThrow("enough");
    await arrived;
    abort.abort(new Error("enough"));
    await rejected;
    await closed();
  },
);

test("a call is sent and answered, with its body and headers", async () => {
  const server = createServer((request, response) => {
    response.setHeader(
      "seen",
      `${request.method} ${request.headers.authorization} ${request.headers.host}`,
    );
    request.pipe(response.writeHead(201));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  for (const proxy of [undefined, {}]) {
    const forwards = await useProxy(proxy);
    const request = { method: "POST", body: '{"a":1}', headers: { authorization: "Bearer t" } };
    const answer = await apiFetch(`http://127.0.0.1:${port}/images?limit=1`, request);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("seen")).toBe(`POST Bearer t 127.0.0.1:${port}`);
    expect(await answer.json()).toEqual({ a: 1 });
    expect(forwards()).toBe(proxy === undefined ? 0 : 1);
  }
});

test("a call tells the length of its body, without which some services refuse it", async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers["content-length"], request.headers["transfer-encoding"]);
    request.resume().on("end", () => response.end());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  for (const proxy of [undefined, {}]) {
    await useProxy(proxy);
    await apiFetch(`http://127.0.0.1:${port}/images`, { method: "POST", body: '{"a":1}' });
  }
  expect(seen).toEqual(["7", undefined, "7", undefined]);
});

async function useProxy(habits: object | undefined): Promise<() => number> {
  if (habits === undefined) return () => 0;
  const proxy = await startConnectProxy(habits);
  vi.stubEnv("all_proxy", proxy.url);
  onTestFinished(async () => {
    vi.stubEnv("all_proxy", undefined);
    await proxy.close();
  });
  return () => proxy.forwarded.length;
}

test("a body comes as it is read, and what breaks off is told to its reader", async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-length": 100 }).write("the beginning");
    setImmediate(() => response.destroy());
  });
  const answer = await apiFetch(await urlOf(server));

  const reader = answer.body!.getReader();
  expect(await reader.read()).toMatchObject({ value: Buffer.from("the beginning") });
  await expect(reader.read()).rejects.toThrow();
});

test("a body that is not wanted ends its connection", async () => {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const server = createServer((_, response) => {
    response.on("close", end);
    response.writeHead(200).write("endless");
  });
  const answer = await apiFetch(await urlOf(server));

  await answer.body!.cancel();

  await ended;
});

test.each([204, 304])("an answer with status %i has no body", async (status) => {
  const server = createServer((_, response) => response.writeHead(status).end());
  const answer = await apiFetch(await urlOf(server));
  expect([answer.status, answer.body]).toEqual([status, null]);
});

test("a redirect is not followed: the token would go along", async () => {
  const server = createServer((_, response) =>
    response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  );
  const answer = await apiFetch(await urlOf(server), { redirect: "manual" });
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "http://127.0.0.1:1/"]);
});

async function urlOf(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
