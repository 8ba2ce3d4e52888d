import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { InvalidOptionError } from "./invalid-option.js";
import type { ServerOptions } from "./options.js";
import { startServer } from "./server.js";
import { makeCertificate } from "../../node-fs/src/testing/certificate.js";
import { fill, send } from "./testing/raw-client.js";
import { bytesFrom, MiB, request, serve, temporaryFolder } from "./testing/real-server.js";
import type { Client } from "./testing/real-server.js";

const body = bytesFrom("body", 1000);

const certificate = async () => makeCertificate(await temporaryFolder());

test("it speaks TLS where it is given a certificate, and its URLs say https", async () => {
  const { client, url, ca } = await serveTls();
  expect(client.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(url).toMatch(/^https:/);
  expect((await request(url, { method: "PUT", body, ca })).status).toBe(200);
});

test("over TLS, too, a part that stalls in the middle is not read on", async () => {
  const { client, url, ca } = await serveTls();
  client.server.faults.add({ on: "part", do: "stall", afterBytes: 1000 });
  const seen = send("PUT", url, 32 * MiB, "", ca);
  expect(await fill(seen.socket, 32 * MiB)).toBeLessThan(32 * MiB);
  seen.socket.destroy();
});

/** Starts a server with TLS. @returns Also the URL of a part. */
async function serveTls(): Promise<{ client: Client; url: string; ca: string }> {
  const tls = await certificate();
  const client = await serve({ tls });
  const headers = { Authorization: `Bearer ${client.token}`, "Content-Type": "application/json" };
  const post = (path: string, fields: unknown) =>
    request(client.url + path, {
      method: "POST",
      headers,
      body: JSON.stringify(fields),
      ca: tls.cert,
    });
  const { id } = (await post("/v2/images", { name: "a" })).json;
  const { url } = (await post(`/v2/images/${id}/parts`, { part_id: 1 })).json;
  return { client, url, ca: tls.cert };
}

test("a certificate with another's key is refused before anything is opened", async () => {
  const [{ cert }, { key }] = [await certificate(), await certificate()];
  for (const tls of [
    { cert, key },
    { cert: "", key: "" },
  ]) {
    const { message } = await startServer({ dir: "unused", tls }).then(
      () => expect.fail("it started"),
      (error: unknown) => error as Error,
    );
    expect(message).toBe(
      "The option tls must be a certificate and the key that belongs to it, as PEM without a passphrase.",
    );
  }
});

test("over TLS a reset is an RST, too", async () => {
  const tls = await certificate();
  const client = await serve({ tls });
  client.server.faults.add({ on: "list", do: "reset" });
  const socket = connectTls({
    port: Number(new URL(client.url).port),
    host: "127.0.0.1",
    ca: tls.cert,
  });
  socket.write("GET /v2/images HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
  expect(error).toMatchObject({ code: "ECONNRESET" });
});

test("a client that stops in the middle of a body is cut when no byte has moved for idleMs", async () => {
  const client = await serve({ idleMs: 100 });
  const { host, pathname, search, port } = new URL(
    await client.partUrl(await client.create("a"), 1),
  );
  const socket = connect(Number(port));
  socket.write(
    `PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000\r\n\r\nx`,
  );
  await new Promise((resolve) => socket.once("close", resolve));
  expect(client.server.requests.part).toBe(1);
});

test("an upload that moves is not cut, however slow", async () => {
  const client = await serve({ idleMs: 1_000 });
  const { host, pathname, search, port } = new URL(
    await client.partUrl(await client.create("a"), 1),
  );
  const socket = connect(Number(port));
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 10\r\n\r\n`);
  let sent = 0;
  const sending = setInterval(() => {
    if (sent++ < 10) socket.write("x");
    else clearInterval(sending);
  }, 150);
  const answer = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
  clearInterval(sending);
  socket.destroy();
  expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /);
});

test("the idle rule does not apply while the server works", async () => {
  const client = await serve({ idleMs: 100 });
  client.server.faults.add({ on: "list", do: "delay", ms: 500 });
  expect((await client.call("GET", "")).status).toBe(200);
});

test("close lets a download end, takes no new call, and can be called twice", async () => {
  const client = await serve();
  const id = await client.upload("a", [body]);
  client.server.faults.add({ on: "download", do: "trickle", bytesPerSec: 5000 });
  const download = client.download(id);
  await expect.poll(() => client.server.requests.download).toBe(1);
  const closing = client.server.close();
  expect(client.server.close()).toBe(closing);
  await expect(client.call("GET", "")).rejects.toThrow("ECONNREFUSED");
  expect((await download).body.equals(body)).toBe(true);
  await closing;
  await client.server[Symbol.asyncDispose]();
});

test("close cuts what has not ended after drainMs", async () => {
  const client = await serve({ drainMs: 50 });
  const id = await client.upload("a", [body]);
  client.server.faults.add({ on: "download", do: "trickle", bytesPerSec: 1 });
  const download = client.download(id);
  const cut = expect(download).rejects.toThrow();
  await expect.poll(() => client.server.requests.download).toBe(1);
  await client.server.close();
  await cut;
});

test("a client that leaves in the middle of a download does not disturb others", async () => {
  const client = await serve();
  const id = await client.upload("a", [bytesFrom("large", 64 * MiB)]);
  const url = new URL(await client.downloadUrl(id));
  const socket = connect(Number(url.port));
  socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.destroy();
  expect((await client.download(id)).body).toHaveLength(64 * MiB);
});

test("the log has a line per request, and neither token nor query", async () => {
  const lines: string[] = [];
  const client = await serve({ log: (line) => lines.push(line), token: "very-secret-token" });
  const id = await client.upload("a", [body]);
  await client.download(id);
  await client.call("GET", "/nothing?signature=x");
  await expect.poll(() => lines.length).toBe(7);
  expect(lines.join()).not.toMatch(/very-secret-token|signature|expires/);
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries.map(({ method, path, status }) => [method, path, status])).toEqual([
    ["POST", "/v2/images", 201],
    ["POST", `/v2/images/${id}/parts`, 200],
    ["PUT", `/objects/${id}/parts/1`, 200],
    ["POST", `/v2/images/${id}/complete`, 200],
    ["GET", `/v2/images/${id}/download`, 200],
    ["GET", `/objects/${id}`, 200],
    ["GET", "/v2/images/nothing", 404],
  ]);
  expect(entries[2]).toMatchObject({ bodyBytes: 1000, finished: true });
});

test("every answer has a Date, by the server's clock", async () => {
  const client = await serve({ clock: () => 0 });
  for (const path of ["/healthz", "/v2/images", "/none", "/objects/image_x"]) {
    const { headers } = await request(client.url + path);
    expect(headers.date).toBe("Thu, 01 Jan 1970 00:00:00 GMT");
  }
});

test("a port that is taken is an error, and the folder is free again", async () => {
  const { url } = await serve();
  const dir = await temporaryFolder();
  const taken = { dir, port: Number(new URL(url).port) };
  await expect(startServer(taken)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await (await startServer({ dir, port: 0 })).close();
});

test("it listens on IPv6, and on all addresses, and says how this machine reaches it", async () => {
  const all = await serve({ host: "0.0.0.0" });
  expect(all.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  const six = await serve({ host: "::1" });
  expect(six.url).toMatch(/^http:\/\/\[::1\]:/);
  expect((await six.call("GET", "")).status).toBe(200);
});

const refused: readonly (readonly [string, Partial<ServerOptions>])[] = [
  ["dir", { dir: "" }],
  ["port", { port: -1 }],
  ["port", { port: 65_536 }],
  ["port", { port: 1.5 }],
  ["token", { token: "" }],
  ["token", { token: "two words" }],
  ["token", { token: "x", accounts: [{ name: "a", token: "y" }] }],
  ["accounts", { accounts: [] }],
  ["accounts", { accounts: [{ name: "a/b", token: "x" }] }],
  [
    "accounts",
    {
      accounts: [
        { name: "a", token: "x" },
        { name: "a", token: "y" },
      ],
    },
  ],
  [
    "accounts",
    {
      accounts: [
        { name: "a", token: "x" },
        { name: "b", token: "x" },
      ],
    },
  ],
  ["urlTtlSec", { urlTtlSec: 0 }],
  ["urlTtlSec", { urlTtlSec: 604_801 }],
  ["publicUrl", { publicUrl: "img.example" }],
  ["publicUrl", { publicUrl: "ftp://img.example" }],
  ["publicUrl", { publicUrl: "https://user@img.example" }],
  ["publicUrl", { publicUrl: "https://img.example/?a" }],
  ["maxStoreBytes", { maxStoreBytes: -1 }],
  ["maxAccountBytes", { maxAccountBytes: -1 }],
  ["maxConnections", { maxConnections: 0 }],
  ["maxStoreBytes", { maxStoreBytes: Number.NaN }],
  ["unfinishedTtlDays", { unfinishedTtlDays: -1 }],
  ["idleMs", { idleMs: 99 }],
  ["drainMs", { drainMs: -1 }],
];

test.each(refused)("a bad %s is refused before anything is made: %o", async (option, options) => {
  const starting = startServer({ dir: "/proc/nowhere", port: 0, ...options });
  await expect(starting).rejects.toThrow(InvalidOptionError);
  await expect(starting).rejects.toMatchObject({ option, code: "INVALID_OPTION" });
});
