import { expect, test } from "vitest";
import { bytesFrom, expectXml, md5, MiB, request, serve } from "../testing/real-server.js";

const P = 5 * MiB;
const first = bytesFrom("first", P);
const second = bytesFrom("second", P + 1);
const third = bytesFrom("third", 10);
const whole = Buffer.concat([first, second, third]);
const size = whole.length;

const last = size - 1;
const ranges: readonly (readonly [string, number, number])[] = [
  ["bytes=0-0", 0, 0],
  [`bytes=0-${P - 1}`, 0, P - 1],
  [`bytes=${P - 1}-${P - 1}`, P - 1, P - 1],
  [`bytes=${P - 1}-${P}`, P - 1, P],
  [`bytes=${P}-${P}`, P, P],
  [`bytes=${P - 2}-${2 * P + 5}`, P - 2, 2 * P + 5],
  [`bytes=${2 * P}-${2 * P + 1}`, 2 * P, 2 * P + 1],
  [`bytes=${2 * P + 1}-`, 2 * P + 1, last],
  ["bytes=0-", 0, last],
  [`bytes=${last}-`, last, last],
  [`bytes=${last}-${size + 100}`, last, last],
  ["bytes=-1", last, last],
  ["bytes=-11", size - 11, last],
  [`bytes=-${size + 1}`, 0, last],
  ["BYTES = 1 - 2", 1, 2],
];
const ignored = ["bytes=5-4", "bytes=-", "bytes=a-b", "bytes=0-1,4-5", "lines=0-1", "bytes 0-1"];
const outside = [`bytes=${size}-`, `bytes=${size}-${size}`, "bytes=-0"];

test("a download gives every range of three parts, and no other byte", async () => {
  const client = await serve();
  const id = await client.upload("a", [first, second, third]);
  const url = await client.downloadUrl(id);
  for (const [range, from, to] of ranges) {
    const reply = await request(url, { headers: { Range: range } });
    expect([range, reply.status, reply.headers["content-range"]]).toEqual([
      range,
      206,
      `bytes ${from}-${to}/${size}`,
    ]);
    expect(reply.headers["content-length"]).toBe(String(to - from + 1));
    expect(reply.body.equals(whole.subarray(from, to + 1))).toBe(true);
  }
  for (const range of ignored) {
    const reply = await request(url, { headers: { Range: range } });
    expect([range, reply.status, reply.body.length]).toEqual([range, 200, size]);
  }
  for (const range of outside) {
    const reply = await request(url, { headers: { Range: range } });
    expectXml(reply, 416, "InvalidRange");
    expect(reply.headers["content-range"]).toBe(`bytes */${size}`);
  }
});

test("a download has a strong ETag that stays, made as S3 makes it", async () => {
  const client = await serve();
  const id = await client.upload("a", [first, third]);
  const of = Buffer.from(md5(first) + md5(third), "hex");
  const { headers } = await client.download(id);
  expect(headers).toMatchObject({
    etag: `"${md5(of)}-2"`,
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
  });
  expect((await client.download(id)).headers.etag).toBe(headers.etag);
});

test("a download by HEAD has the head of a GET and no body", async () => {
  const client = await serve();
  const id = await client.upload("a", [third]);
  const url = await client.downloadUrl(id);
  const head = await request(url, { method: "HEAD" });
  expect(head).toMatchObject({ status: 200, headers: { "content-length": "10" } });
  const part = await request(url, { method: "HEAD", headers: { Range: "bytes=1-2" } });
  expect(part).toMatchObject({ status: 206, headers: { "content-range": "bytes 1-2/10" } });
  expect(head.body.length + part.body.length).toBe(0);
});

test("a download is given only if its ETag is one that If-Match names", async () => {
  const client = await serve();
  const id = await client.upload("a", [third]);
  const { etag = "" } = (await client.download(id)).headers;
  for (const holds of [etag, "*", `"other", ${etag}`]) {
    expect((await client.download(id, { "If-Match": holds })).status).toBe(200);
  }
  for (const fails of ['"other"', `W/${etag}`, "", etag.replaceAll('"', "")]) {
    expectXml(await client.download(id, { "If-Match": fails }), 412, "PreconditionFailed");
  }
});

test("a download is of the range only while If-Range holds, and whole otherwise", async () => {
  const client = await serve();
  const id = await client.upload("a", [third]);
  const { etag = "", "last-modified": modified = "" } = (await client.download(id)).headers;
  const status = async (ifRange: string) =>
    (await client.download(id, { Range: "bytes=0-1", "If-Range": ifRange })).status;
  expect([await status(etag), await status(modified)]).toEqual([206, 206]);
  expect([await status('"other"'), await status(`W/${etag}`)]).toEqual([200, 200]);
});

test("a download of an image that was deleted since is a NoSuchKey", async () => {
  const client = await serve();
  const id = await client.upload("a", [third]);
  const url = await client.downloadUrl(id);
  await client.call("DELETE", `/${id}`);
  expectXml(await request(url), 404, "NoSuchKey");
});

test("a download of more images than manifests are kept in memory finds each one's bytes", async () => {
  const client = await serve();
  const bodies = Array.from({ length: 12 }, (_, n) => bytesFrom(`image ${n}`, 100));
  const ids: string[] = [];
  for (const [n, body] of bodies.entries()) ids.push(await client.upload(`n${n}`, [body]));
  for (const round of [1, 2]) {
    const replies = await Promise.all(ids.map((id) => client.download(id)));
    expect([round, ...replies.map(({ body }, n) => body.equals(bodies[n]!))]).toEqual([
      round,
      ...bodies.map(() => true),
    ]);
  }
});
