import { expect, test } from "vitest";
import { request, serve } from "../testing/real-server.js";

test("a page is served at /, with a policy that lets nothing in from elsewhere", async () => {
  const { url } = await serve();
  const { status, headers, body } = await request(url);
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/'unsafe-eval'|'unsafe-inline'|\*/);
  expect(policy.match(/'[^']*unsafe[^']*'/g)).toEqual(["'wasm-unsafe-eval'"]);
  expect(body.toString()).not.toMatch(/<script(?![^>]*\ssrc=)|<style|https?:\/\//);
});

test("every file that the page loads is served, and may be cached forever", async () => {
  const { url } = await serve();
  const html = (await request(url)).body.toString();
  const names = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name]) => name ?? "");
  expect(names.length).toBeGreaterThanOrEqual(3);
  for (const name of names) {
    const { status, headers } = await request(`${url}/${name}`);
    expect([name, status]).toEqual([name, 200]);
    if (name.startsWith("assets/")) expect(headers["cache-control"]).toContain("immutable");
  }
});

test("only the page's files are served, and nothing can be sent there", async () => {
  const { url } = await serve();
  for (const path of ["/../package.json", "/%2e%2e/package.json", "/assets", "/index.js"]) {
    expect((await request(url + path)).status).toBe(404);
  }
  expect((await request(url, { method: "POST" })).status).toBe(404);
});

test("it tells nothing to a client that uses a foreign host name", async () => {
  const { url } = await serve();
  expect((await request(url, { headers: { Host: "evil.example" } })).status).toBe(403);
});

test("it can be left out, and is where the server is not on loopback only", async () => {
  const without = await serve({ page: false });
  expect((await request(without.url)).status).toBe(404);
  const open = await serve({ host: "0.0.0.0" });
  expect((await request(open.url)).status).toBe(404);
  const asked = await serve({ host: "0.0.0.0", page: true });
  expect((await request(asked.url)).status).toBe(200);
});

test("a one-time code is exchanged for the token once, within five minutes, and from no other origin", async () => {
  let nowMs = Date.now();
  const { server } = await serve({ clock: () => nowMs });
  const exchange = (code: string | null, headers = {}) =>
    request(`${server.url}/sign-in`, {
      method: "POST",
      headers: { Authorization: `Code ${String(code)}`, ...headers },
    });
  const code = server.signInCode();
  expect((await exchange(code, { Origin: "https://evil.example" })).status).toBe(403);
  expect((await exchange("another")).status).toBe(401);
  const { status, headers, body } = await exchange(code);
  expect([status, headers["cache-control"]]).toEqual([200, "no-store"]);
  expect(JSON.parse(body.toString())).toEqual({ token: server.token });
  expect((await exchange(code)).status).toBe(401);

  const old = server.signInCode();
  nowMs += 5 * 60_000;
  expect((await exchange(old)).status).toBe(401);
  expect((await request(`${server.url}/sign-in`)).status).toBe(404);
});

test("without a page there are no codes", async () => {
  const { server } = await serve({ page: false });
  expect(server.signInCode()).toBeNull();
  expect((await request(`${server.url}/sign-in`, { method: "POST" })).status).toBe(404);
});
