import { expect, test } from "vitest";
import { bytesFrom, expectXml, md5, MiB, request, serve, sha256 } from "../testing/real-server.js";
import type { Client } from "../testing/real-server.js";
import { bucketOptions, testEndpoint } from "../testing/test-bucket.js";

const first = bytesFrom("first", 5 * MiB);
const second = bytesFrom("second", 1000);
const whole = Buffer.concat([first, second]);

/** Starts servers that share a bucket and nothing else. */
async function several(count: number): Promise<Client[]> {
  const s3 = bucketOptions();
  const servers: Client[] = [];
  for (let n = 0; n < count; n++) servers.push(await serve({ s3, token: "one-token" }));
  return servers;
}

const three = (): Promise<Client[]> => several(3);

test("bytes go between the client and the store: no URL is the server's", async () => {
  const client = await serve();
  const id = await client.create("a");
  const put = await client.put(id, 1, first, { "Content-MD5": base64(first) });
  expect(put.headers.etag).toBe(`"${md5(first)}"`);
  await client.put(id, 2, second);
  expect((await client.complete(id, sha256(whole))).status).toBe(200);
  const { url, size } = (await client.call("GET", `/${id}/download`)).json;
  expect(size).toBe(whole.length);
  for (const one of [url, await client.partUrl(await client.create("b"), 1)]) {
    expect(one.startsWith(testEndpoint!)).toBe(true);
  }
  expect((await request(url)).body.equals(whole)).toBe(true);
  expect([client.server.requests.part, client.server.requests.download]).toEqual([0, 0]);
});

test("a part URL holds no checksum of nothing, and nothing but its own part can be sent to it", async () => {
  const client = await serve();
  const url = new URL(await client.partUrl(await client.create("a"), 7));
  expect([...url.searchParams.keys()].filter((key) => /checksum/i.test(key))).toEqual([]);
  expect(url.searchParams.get("partNumber")).toBe("7");
  url.searchParams.set("partNumber", "8");
  const put = await request(url.href, { method: "PUT", body: second });
  expect([put.status, put.body.toString()]).toEqual([403, expect.stringContaining("<Code>")]);
});

test("a body with another Content-MD5 is a BadDigest, and doesn't count", async () => {
  const client = await serve();
  const id = await client.create("a");
  const refused = await client.put(id, 1, first, { "Content-MD5": base64(second) });
  expect(refused.status).toBe(400);
  expect(refused.body.toString()).toMatch(/<Code>(BadDigest|InvalidDigest)<\/Code>/);
  const { error } = (await client.complete(id, sha256(first))).json;
  expect(error.details?.[0]).toMatchObject({ code: "part_missing" });
});

test("URLs expire by the server's clock", async () => {
  const client = await serve({ clock: () => Date.now() - 3_600_000, urlTtlSec: 60 });
  const id = await client.create("a");
  const { url, expires_at: expiresAt } = (await client.call("POST", `/${id}/parts`, { part_id: 1 }))
    .json;
  expect(expiresAt).toBeLessThan(Date.now() / 1000 - 3000);
  const put = await request(url, { method: "PUT", body: second });
  expect(put.status).toBe(403);
});

test("a gap that the store would take is refused, and so are parts that are too small", async () => {
  const client = await serve();
  const id = await client.create("a");
  await client.put(id, 1, second);
  await client.put(id, 3, second);
  const { status, json } = await client.complete(id, sha256(second));
  expect(status).toBe(400);
  expect(json.error.details?.map(({ field, code }) => [field, code])).toEqual([
    ["parts.2", "part_missing"],
    ["parts.1", "part_too_small"],
  ]);
  expect(await client.status(id)).toBe("uploading");
});

test("a part that is sent again replaces the earlier one", async () => {
  const client = await serve();
  const id = await client.create("a");
  await client.put(id, 1, first);
  await client.put(id, 1, second);
  expect((await client.complete(id, sha256(second))).status).toBe(200);
  expect((await client.download(id)).body.equals(second)).toBe(true);
});

test("ranges, If-Match and their refusals are the store's", async () => {
  const client = await serve();
  const id = await client.upload("a", [first, second]);
  const range = await client.download(id, { Range: `bytes=${first.length - 2}-${first.length}` });
  expect(range.status).toBe(206);
  expect(range.headers["content-range"]).toBe(
    `bytes ${first.length - 2}-${first.length}/${whole.length}`,
  );
  expect(range.body.equals(whole.subarray(first.length - 2, first.length + 1))).toBe(true);
  expect((await client.download(id, { "If-Match": range.headers.etag })).status).toBe(200);
  expect((await client.download(id, { "If-Match": '"other"' })).status).toBe(412);
  expect((await client.download(id, { Range: "bytes=99999999-" })).status).toBe(416);
});

test("what one server has answered, the others know at once", async () => {
  const [a, b, c] = (await three()) as [Client, Client, Client];
  const id = await a.create("a");
  expect(await b.status(id)).toBe("started");
  await b.put(id, 1, first);
  await c.put(id, 2, second);
  expect(await a.status(id)).toBe("uploading");
  expect((await c.complete(id, sha256(whole))).status).toBe(200);
  expect((await a.download(id)).body.equals(whole)).toBe(true);
  await b.call("DELETE", `/${id}`);
  expect((await a.call("GET", `/${id}`)).status).toBe(404);
  expect((await c.call("GET", "")).json.data).toEqual([]);
  expect((await c.call("GET", "?include_deleted=true")).json.data).toMatchObject([{ id }]);
});

test("three servers that race for one name give it to one image, again and again", async () => {
  const servers = await three();
  for (let round = 0; round < 5; round++) {
    const replies = await Promise.all(
      [...servers, ...servers, ...servers].map((one) => one.call("POST", "", { name: "a" })),
    );
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array<number>(8).fill(409)]);
    const { id } = replies.find(({ status }) => status === 201)!.json;
    for (const one of servers) {
      const { data } = (await one.call("GET", "")).json;
      expect(data.map((image) => image.id)).toEqual([id]);
    }
    await servers[round % 3]!.call("DELETE", `/${id}`);
  }
});

test("while servers delete and create at random, a name never has two live images", async () => {
  const servers = await three();
  const live = async (one: Client) =>
    (await one.call("GET", "")).json.data.filter((image) => image.name === "a");
  const worker = async (one: Client) => {
    for (let turn = 0; turn < 6; turn++) {
      const { status, json } = await one.call("POST", "", { name: "a" });
      if (status === 201) await one.call("DELETE", `/${json.id}`);
      else expect(status).toBe(409);
      expect((await live(one)).length).toBeLessThanOrEqual(1);
    }
  };
  await Promise.all([...servers, ...servers].map(worker));
  expect((await servers[0]!.call("POST", "", { name: "a" })).status).toBe(201);
  expect((await live(servers[1]!)).length).toBe(1);
});

test("three servers that complete one image at once agree on one digest", async () => {
  const servers = await three();
  const id = await servers[0]!.create("a");
  await servers[0]!.put(id, 1, second);
  const digests = ["0", "1", "2", "0", "1", "2"].map((digit) => digit.repeat(64));
  const replies = await Promise.all(digests.map((one, n) => servers[n % 3]!.complete(id, one)));
  const { sha256: kept } = (await servers[1]!.call("GET", `/${id}`)).json;
  expect(replies.map(({ status }) => status)).toEqual(
    digests.map((one) => (one === kept ? 200 : 400)),
  );
  expect((await servers[2]!.download(id)).body.equals(second)).toBe(true);
});

test("three servers that begin one upload at once use the same one", async () => {
  const servers = await three();
  const id = await servers[0]!.create("a");
  const urls = await Promise.all(servers.map((one) => one.partUrl(id, 1)));
  expect(new Set(urls.map((url) => new URL(url).searchParams.get("uploadId"))).size).toBe(1);
});

test("a complete and a delete on two servers at once leave no image and no bytes", async () => {
  const [a, b] = (await several(2)) as [Client, Client];
  for (let round = 0; round < 5; round++) {
    const id = await a.create(`n${round}`);
    await a.put(id, 1, second);
    const url = await a.partUrl(id, 2);
    const [, removed] = await Promise.all([
      a.complete(id, sha256(second)),
      b.call("DELETE", `/${id}`),
    ]);
    expect(removed.status).toBe(200);
    expect((await a.call("GET", `/${id}`)).status).toBe(404);
    expectXmlCode(await request(url, { method: "PUT", body: second }), 404, "NoSuchUpload");
  }
});

test("a part for an image that was completed or deleted is a NoSuchUpload", async () => {
  const client = await serve();
  const id = await client.create("a");
  const late = await client.partUrl(id, 1);
  await client.put(id, 1, second);
  await client.complete(id, sha256(second));
  // The body is short enough to be sent when the answer arrives: the store does not read a body that it
  // refuses.
  expectXmlCode(await request(late, { method: "PUT", body: "late" }), 404, "NoSuchUpload");
  expect((await client.download(id)).body.equals(second)).toBe(true);
});

test("the server has no object store of its own", async () => {
  const client = await serve();
  const reply = await request(`${client.url}/objects/image_x/parts/1`, {
    method: "PUT",
    body: "x",
  });
  expectXml(reply, 404, "NoSuchKey");
});

test("URLs are made for the name by which clients reach the store", async () => {
  const s3 = { ...bucketOptions(), publicEndpoint: "https://s3.example:9000" };
  const client = await serve({ s3 });
  const id = await client.upload("a", []).catch(() => "");
  expect(id).toBe("");
  const url = await client.partUrl(await client.create("b"), 1);
  expect(url).toMatch(new RegExp(`^https://s3\\.example:9000/${s3.bucket}/${s3.prefix!}/images/`));
});

const base64 = (bytes: Uint8Array) => Buffer.from(md5(bytes), "hex").toString("base64");

/** Expects the store's own XML with this code, whatever else it contains. */
function expectXmlCode(reply: { status: number; body: Buffer }, status: number, code: string) {
  expect(reply.status).toBe(status);
  expect(reply.body.toString()).toContain(`<Code>${code}</Code>`);
}
