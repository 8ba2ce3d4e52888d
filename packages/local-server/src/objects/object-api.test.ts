import { connect } from "node:net";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { send } from "../testing/raw-client.js";
import { bytesFrom, expectXml, md5, MiB, request, serve, sha256 } from "../testing/real-server.js";

const P = 5 * MiB;
const first = bytesFrom("first", P);
const second = bytesFrom("second", P + 1);
const third = bytesFrom("third", 10);

describe("a part", () => {
  test("is answered with its MD5 as ETag, and comes back byte for byte", async () => {
    const client = await serve();
    const id = await client.create("a");
    const put = await client.put(id, 1, first, { "Content-MD5": md5base64(first) });
    expect(put).toMatchObject({ status: 200, headers: { etag: `"${md5(first)}"` } });
    await client.put(id, 2, third);
    await client.complete(id, sha256(Buffer.concat([first, third])));
    expect(Buffer.concat([first, third]).equals((await client.download(id)).body)).toBe(true);
  });

  test("that is sent again replaces the earlier one, and leaves nothing of it on disk", async () => {
    const client = await serve();
    const id = await client.create("a");
    await client.put(id, 1, first);
    await client.put(id, 1, third);
    await client.put(id, 1, second);
    await client.complete(id, sha256(second));
    expect((await client.download(id)).body.equals(second)).toBe(true);
    expect((await readdir(join(client.dir, "images", id))).sort()).toEqual([
      "image.json",
      "manifest.json",
      `part-00001-2-${md5(second)}`,
    ]);
  });

  test("with another Content-MD5 than its own is a BadDigest, and doesn't count", async () => {
    const client = await serve();
    const id = await client.create("a");
    await client.put(id, 1, third);
    expectXml(
      await client.put(id, 1, first, { "Content-MD5": md5base64(second) }),
      400,
      "BadDigest",
    );
    expectXml(await client.put(id, 1, first, { "Content-MD5": "short" }), 400, "InvalidDigest");
    await client.complete(id, sha256(third));
    expect((await client.download(id)).body.equals(third)).toBe(true);
  });

  test("without a length is refused, and so is one over 5 GiB or with a number over 10,000", async () => {
    const client = await serve();
    const id = await client.create("a");
    const headers = { "Transfer-Encoding": "chunked" };
    expectXml(await client.put(id, 1, third, headers), 411, "MissingContentLength");
    const tooLong = raw(await client.partUrl(id, 1), 5 * 1024 ** 3 + 1);
    expect(await tooLong).toMatch(/^HTTP\/1.1 400 [^]*<Code>EntityTooLarge/);
  });

  test("asks for its body only where it wants it", async () => {
    const client = await serve();
    const id = await client.create("a");
    const url = await client.partUrl(id, 1);
    const expecting = "Expect: 100-continue\r\n";
    expect(await raw(url, 10, expecting)).toMatch(/^HTTP\/1.1 100 Continue/);
    expect(await raw(forged(url), 10, expecting)).toMatch(/^HTTP\/1.1 403/);
  });

  test("whose body breaks off leaves nothing", async () => {
    const client = await serve();
    const id = await client.create("a");
    const url = new URL(await client.partUrl(id, 1));
    const socket = connect(Number(url.port), url.hostname);
    socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n`);
    socket.write(`Content-Length: ${P}\r\n\r\n`);
    await new Promise<void>((resolve) => socket.write(first.subarray(0, MiB), () => resolve()));
    const folder = join(client.dir, "images", id);
    await expect.poll(() => readdir(folder)).toHaveLength(2);
    socket.destroy();
    await expect.poll(() => readdir(folder)).toEqual(["image.json"]);
    expect((await client.complete(id, sha256(first))).json.error.details).toHaveLength(1);
  });

  test("for an image that was completed, deleted or failed meanwhile is a NoSuchUpload", async () => {
    const client = await serve();
    const id = await client.upload("a", [first]);
    const open = await client.create("b");
    const late = await client.partUrl(open, 1);
    await client.put(open, 1, third);
    await client.complete(open, sha256(third));
    expectXml(await request(late, { method: "PUT", body: first }), 404, "NoSuchUpload");
    expect((await client.download(open)).body.equals(third)).toBe(true);
    await client.call("DELETE", `/${open}`);
    expectXml(await request(late, { method: "PUT", body: first }), 404, "NoSuchUpload");
    expect(await client.status(id)).toBe("completed");
  });

  test("that is running when its image is completed doesn't get into it", async () => {
    const client = await serve();
    const id = await client.create("a");
    await client.put(id, 1, third);
    const late = send("PUT", await client.partUrl(id, 1), P);
    late.socket.write(first.subarray(0, MiB));
    await expect.poll(() => readdir(join(client.dir, "images", id))).toHaveLength(3);
    expect((await client.complete(id, sha256(third))).status).toBe(200);
    late.socket.write(first.subarray(MiB));
    await expect.poll(late.text).toMatch(/^HTTP\/1.1 404 [^]*<Code>NoSuchUpload</);
    late.socket.destroy();
    expect((await client.download(id)).body.equals(third)).toBe(true);
    expect(await readdir(join(client.dir, "images", id))).toHaveLength(3);
  });

  test("that trickles reserves no space for what it has not sent", async () => {
    const client = await serve({ maxStoreBytes: 2 * P });
    const id = await client.create("a");
    const slow = send("PUT", await client.partUrl(id, 1), 2 * P);
    slow.socket.write("x");
    await expect.poll(() => readdir(join(client.dir, "images", id))).toHaveLength(2);
    const other = await client.create("b");
    expect((await client.put(other, 1, first)).status).toBe(200);
    slow.socket.destroy();
  });

  test("that exceeds the quota while it arrives is refused with 507, and the connection is closed", async () => {
    const client = await serve({ maxStoreBytes: 2 * P });
    const id = await client.create("a");
    const late = send("PUT", await client.partUrl(id, 1), 2 * P);
    late.socket.write("x");
    await expect.poll(() => readdir(join(client.dir, "images", id))).toHaveLength(2);
    expect((await client.put(await client.create("b"), 1, first)).status).toBe(200);
    late.socket.write(Buffer.alloc(P + MiB));
    await late.end;
    expect(late.text()).toMatch(/^HTTP\/1.1 507 /);
    expect(await readdir(join(client.dir, "images", id))).toEqual(["image.json"]);
  });

  test("beyond the quota of its account is refused with 507, and others' are not", async () => {
    const accounts = [
      { name: "a", token: "token-a" },
      { name: "b", token: "token-b" },
    ];
    const client = await serve({ accounts, maxAccountBytes: 1000 });
    const id = await client.upload("a", [bytesFrom("x", 600)]);
    expectXml(
      await client.put(await client.create("b"), 1, bytesFrom("y", 600)),
      507,
      "InsufficientStorage",
    );
    await client.as("token-b").upload("a", [bytesFrom("y", 600)]);
    await client.call("DELETE", `/${id}`);
    await client.upload("c", [bytesFrom("y", 600)]);
  });

  test("beyond the quota is refused with 507; deleting makes room", async () => {
    const client = await serve({ maxStoreBytes: P + 100 });
    const id = await client.upload("a", [first]);
    const other = await client.create("b");
    expectXml(await client.put(other, 1, bytesFrom("x", 101)), 507, "InsufficientStorage");
    expect((await client.put(other, 1, bytesFrom("x", 100))).status).toBe(200);
    await client.call("DELETE", `/${id}`);
    expect((await client.put(other, 1, first)).status).toBe(200);
  });
});

describe("a presigned URL", () => {
  test("is refused once it has expired, but a request that began before continues", async () => {
    let nowMs = 1_700_000_000_000;
    const client = await serve({ clock: () => nowMs, urlTtlSec: 10 });
    const id = await client.create("a");
    const url = await client.partUrl(id, 1);
    nowMs += 9999;
    expect((await request(url, { method: "PUT", body: third })).status).toBe(200);
    nowMs += 1;
    expectXml(await request(url, { method: "PUT", body: third }), 403, "AccessDenied");
    expect((await client.put(id, 1, third)).status).toBe(200);
  });

  const forgeries: Readonly<Record<string, (url: URL, other: URL) => void>> = {
    "another signature": (url) => url.searchParams.set("signature", "A".repeat(43)),
    "no signature": (url) => url.searchParams.delete("signature"),
    "an empty signature": (url) => url.searchParams.set("signature", ""),
    "a later expiry": (url) => url.searchParams.set("expires", "99999999999"),
    "no expiry": (url) => url.searchParams.delete("expires"),
    "another part's signature": (url, other) => (url.search = other.search),
    "another part's number": (url) => (url.pathname = url.pathname.replace(/1$/, "3")),
    "a number over 10,000": (url) => (url.pathname = url.pathname.replace(/1$/, "10001")),
    "another image": (url) => (url.pathname = url.pathname.replace(/image_[^/]+/, "image_x")),
  };
  test.each(Object.keys(forgeries))("is refused with %s", async (forgery) => {
    const client = await serve();
    const id = await client.create("a");
    const url = new URL(await client.partUrl(id, 1));
    forgeries[forgery]!(url, new URL(await client.partUrl(id, 2)));
    expectXml(await request(url.href, { method: "PUT", body: third }), 403, "AccessDenied");
  });

  test("is for its method: a part's can't be read, an image's can't be written", async () => {
    const client = await serve();
    const id = await client.upload("a", [third]);
    const url = await client.downloadUrl(id);
    const put = await request(url, { method: "PUT", body: third });
    expectXml(put, 405, "MethodNotAllowed");
    expect((await request(url, { method: "HEAD" })).status).toBe(200);
    expectXml(
      await request(await client.partUrl(await client.create("b"), 1)),
      405,
      "MethodNotAllowed",
    );
  });
});

const md5base64 = (bytes: Uint8Array) => Buffer.from(md5(bytes), "hex").toString("base64");

function forged(url: string): string {
  const other = new URL(url);
  other.searchParams.set("signature", "A".repeat(43));
  return other.href;
}

/** Sends the head of a PUT without a body; resolves to the first bytes of the answer. */
function raw(url: string, contentLength: number, more = ""): Promise<string> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${contentLength}\r\n${more}\r\n`,
  );
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("data", (bytes) => {
      socket.destroy();
      resolve(bytes.toString());
    });
  });
}
