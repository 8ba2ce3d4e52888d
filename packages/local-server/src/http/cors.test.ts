import { expect, test } from "vitest";
import { InvalidOptionError } from "../invalid-option.js";
import { startServer } from "../server.js";
import { bytesFrom, request, serve, temporaryFolder } from "../testing/real-server.js";

const page = "https://images.example.com";
const body = bytesFrom("x", 100);

const preflight = (url: string, method: string, origin = page, more = {}) =>
  request(url, {
    method: "OPTIONS",
    headers: { Origin: origin, "Access-Control-Request-Method": method, ...more },
  });

test("a page of an allowed origin may ask for what each path has, API and object store", async () => {
  const client = await serve({ allowOrigins: [page] });
  const id = await client.create("a");
  const part = await client.partUrl(id, 1);
  for (const [url, method, methods] of [
    [`${client.url}/v2/images`, "POST", "GET, POST"],
    [`${client.url}/v2/images/${id}`, "DELETE", "GET, DELETE"],
    [part, "PUT", "PUT"],
    [`${client.url}/objects/${id}`, "GET", "GET, HEAD"],
  ] as const) {
    const { status, headers } = await preflight(url, method);
    expect([url, status]).toEqual([url, 204]);
    expect(headers).toMatchObject({
      "access-control-allow-origin": page,
      "access-control-allow-methods": methods,
      "access-control-allow-headers": "Authorization, Content-Type, If-Match, Range",
      "access-control-max-age": "7200",
      vary: "Origin",
    });
    expect(headers).not.toHaveProperty("access-control-allow-credentials");
  }
});

test("answers and refusals of both tell the origin, and which headers the page may read", async () => {
  const client = await serve({ allowOrigins: [page] });
  const headers = { Origin: page };
  const created = await client.call("POST", "", { name: "a" }, headers);
  const part = await client.partUrl(created.json.id, 1);
  const answers = [
    created,
    await client.call("GET", "/image_none", undefined, headers),
    await request(part, { method: "PUT", body, headers }),
    await request(`${part}x`, { method: "PUT", body, headers }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 404, 200, 403]);
  for (const answer of answers) {
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": page,
      "access-control-expose-headers": "Accept-Ranges, Content-Range, Date, ETag, Retry-After",
      vary: "Origin",
    });
  }
});

test("an answer before the body was read tells the origin, too", async () => {
  const client = await serve({ allowOrigins: [page] });
  const part = await client.partUrl(await client.create("a"), 1);
  client.server.faults.add({ on: "part", do: "answer", status: 403, when: "early" });
  const { status, headers } = await request(part, {
    method: "PUT",
    body,
    headers: { Origin: page },
  });
  expect([status, headers["access-control-allow-origin"]]).toEqual([403, page]);
});

test("another origin can read nothing and change nothing", async () => {
  const client = await serve({ allowOrigins: [page] });
  const evil = "https://evil.example";
  const asked = await preflight(`${client.url}/v2/images`, "POST", evil);
  expect(asked.status).toBe(403);
  expect(asked.headers).not.toHaveProperty("access-control-allow-origin");
  expect(asked.headers["vary"]).toBe("Origin");
  const tried = await client.call("POST", "", { name: "a" }, { Origin: evil });
  expect(tried.status).toBe(403);
});

test("without allowed origins there is no CORS at all", async () => {
  const client = await serve();
  const asked = await preflight(`${client.url}/v2/images`, "POST");
  expect(asked.status).toBe(403);
  expect(Object.keys(asked.headers).filter((name) => /^access-|^vary$/.test(name))).toEqual([]);
});

test("a public page may use a server on a private network if it is allowed", async () => {
  const client = await serve({ allowOrigins: [page] });
  const asks = { "Access-Control-Request-Private-Network": "true" };
  const { headers } = await preflight(`${client.url}/v2/images`, "GET", page, asks);
  expect(headers["access-control-allow-private-network"]).toBe("true");
});

test.each(["*", "images.example.com", "https://images.example.com/", "null"])(
  "%s is no origin to allow",
  async (origin) => {
    const starting = startServer({ dir: await temporaryFolder(), allowOrigins: [origin] });
    await expect(starting).rejects.toThrow(InvalidOptionError);
  },
);
