import { beforeAll, describe, expect, test } from "vitest";
import { request, serve, serveAll } from "../testing/real-server.js";
import { send } from "../testing/raw-client.js";
import type { Sent } from "../testing/real-server.js";

interface Refused {
  readonly title: string;
  readonly path?: string;
  readonly sent?: Sent;
  readonly status: number;
  /** The code of the first detail. */
  readonly code?: string;
}

const post = (body: string, headers = {}): Sent => ({
  method: "POST",
  body,
  headers: { "Content-Type": "application/json", ...headers },
});

const name = (value: unknown): Sent => post(JSON.stringify({ name: value }));

const table: readonly Refused[] = [
  { title: "no token", sent: { headers: { Authorization: "" } }, status: 401 },
  { title: "a wrong token", sent: { headers: { Authorization: "Bearer wrong" } }, status: 401 },
  { title: "another scheme", sent: { headers: { Authorization: "Basic dG9rZW4=" } }, status: 401 },
  { title: "a Host that was rebound", sent: { headers: { Host: "evil.example" } }, status: 403 },
  {
    title: "a Host with a port that was rebound",
    sent: { headers: { Host: "evil.example:8080" } },
    status: 403,
  },
  {
    title: "a Host that only starts as ours",
    sent: { headers: { Host: "localhost.evil.example" } },
    status: 403,
  },
  {
    title: "a Host with a port that there is not",
    sent: { headers: { Host: "localhost:99999" } },
    status: 400,
  },
  {
    title: "a Host that is no host",
    sent: { headers: { Host: "localhost:80:80" } },
    status: 400,
  },
  {
    title: "a change from another origin",
    sent: post(`{"name":"a"}`, { Origin: "http://evil.example" }),
    status: 403,
  },
  {
    title: "a change from another local port",
    sent: post(`{"name":"a"}`, { Origin: "http://127.0.0.1:1" }),
    status: 403,
  },
  { title: "a change from nowhere", sent: post(`{"name":"a"}`, { Origin: "null" }), status: 403 },
  {
    title: "a form's content type",
    sent: post(`{"name":"a"}`, { "Content-Type": "text/plain" }),
    status: 400,
    code: "content_type",
  },
  {
    title: "no content type",
    sent: { method: "POST", body: `{"name":"a"}` },
    status: 400,
    code: "content_type",
  },
  { title: "an empty body", sent: post(""), status: 400, code: "malformed_json" },
  { title: "cut JSON", sent: post(`{"name":`), status: 400, code: "malformed_json" },
  { title: "deep JSON", sent: post("[".repeat(16_000)), status: 400, code: "malformed_json" },
  { title: "an array", sent: post("[]"), status: 400, code: "not_an_object" },
  { title: "null", sent: post("null"), status: 400, code: "not_an_object" },
  {
    title: "a body over 16 KiB",
    sent: post(JSON.stringify({ name: "a".repeat(20_000) })),
    status: 400,
    code: "body_too_large",
  },
  { title: "no name", sent: post("{}"), status: 400, code: "invalid" },
  { title: "a name that is a number", sent: name(5), status: 400, code: "invalid" },
  { title: "an empty name", sent: name(""), status: 400, code: "invalid" },
  { title: "a name of 256", sent: name("a".repeat(256)), status: 400, code: "invalid" },
  { title: "a name that starts with a dot", sent: name(".a"), status: 400, code: "invalid" },
  { title: "a name with a slash", sent: name("a/../b"), status: 400, code: "invalid" },
  { title: "a name with a line break", sent: name("a\n"), status: 400, code: "invalid" },
  ...["0", "201", "-1", "1.5", "x", "", "1e2"].map((limit) => ({
    title: `limit=${limit}`,
    path: `?limit=${limit}`,
    status: 400,
    code: "invalid",
  })),
  ...["starting_after", "ending_before"].flatMap((cursor) =>
    ["", "x", "imagec_", "imagec_../x", "imagec_ABC", "imagec_zzzzzzzzzzzz"].map((value) => ({
      title: `${cursor}=${value}`,
      path: `?${cursor}=${value}`,
      status: 400,
      code: "invalid",
    })),
  ),
  { title: "include_deleted=1", path: "?include_deleted=1", status: 400, code: "invalid" },
  ...[0, -1, 1.5, 10_001, 2 ** 31, "1", null, undefined].map((value) => ({
    title: `part_id ${String(value)}`,
    path: "/ID/parts",
    sent: post(JSON.stringify({ part_id: value })),
    status: 400,
    code: "invalid",
  })),
  ...["", "a".repeat(63), "A".repeat(64), "g".repeat(64), 5, null].map((value) => ({
    title: `sha256 ${String(value)}`,
    path: "/ID/complete",
    sent: post(JSON.stringify({ sha256: value })),
    status: 400,
    code: "invalid",
  })),
  { title: "an id with a path in it", path: "/..%2f..%2fetc", status: 404 },
  { title: "an id with dots", path: "/image_../x", status: 404 },
  { title: "an id that is too long", path: `/image_${"a".repeat(22)}`, status: 404 },
  { title: "an unknown operation", path: "/ID/other", status: 404 },
  { title: "PUT of an image", path: "/ID", sent: { method: "PUT" }, status: 405 },
  { title: "GET of a part URL", path: "/ID/parts", status: 405 },
];

describe("of a server with one image that is open,", () => {
  const client = serveAll();
  let id: string;
  beforeAll(async () => {
    id = await client().create("open");
  });

  test.each(table)(
    "$title is refused with $status",
    async ({ path = "", sent = {}, status, code }) => {
      const { url, token } = client();
      const reply = await request(`${url}/v2/images${path.replace("ID", id)}`, {
        ...sent,
        headers: { Authorization: `Bearer ${token}`, ...sent.headers },
      });
      expect(reply.status).toBe(status);
      const { error } = reply.json;
      expect(error.message).not.toBe("");
      expect(error.details?.[0]?.code).toBe(code);
      const { data } = (await client().call("GET", "")).json;
      expect(data).toMatchObject([{ id, upload_status: "started" }]);
    },
  );
});

test("two Host headers are a 400: a proxy in front may have read the other one", async () => {
  const { url, token } = await serve();
  const seen = send(
    "GET",
    `${url}/v2/images`,
    0,
    `Host: localhost\r\nAuthorization: Bearer ${token}\r\n`,
  );
  await expect.poll(seen.text).toMatch(/^HTTP\/1\.1 400 .*Send one Host header/s);
  seen.socket.destroy();
});

test("an invalid Host is not counted as a failure of the store", async () => {
  const lines: string[] = [];
  const { url } = await serve({ warn: (line) => lines.push(line) });
  await request(`${url}/v2/images`, { headers: { Host: "localhost:99999" } });
  expect((await request(`${url}/metrics`)).body.toString()).toContain("img_store_errors_total 0\n");
  expect(lines).toEqual([]);
});

test("the server's own origin may make changes, and any origin may read", async () => {
  const client = await serve();
  const own = await client.call("POST", "", { name: "a" }, { Origin: client.url });
  expect(own.status).toBe(201);
  const look = await client.call("GET", "", undefined, { Origin: "http://evil.example" });
  expect(look.status).toBe(200);
});

test("/healthz needs no token", async () => {
  const { url } = await serve();
  const reply = await request(`${url}/healthz`, { headers: { Host: "10.0.0.7" } });
  expect([reply.status, reply.json]).toEqual([200, { status: "ok" }]);
});
