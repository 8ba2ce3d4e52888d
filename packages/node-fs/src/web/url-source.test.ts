import { onTestFinished, expect, test, vi } from "vitest";
import { checkImage } from "../check-image.js";
import { fastClock } from "../testing/fast-clock.js";
import { seededBytes } from "../testing/seeded.js";
import { secret, serve, ServedFile, type Handler } from "../testing/web-server.js";
import { openUrlSource, type OpenUrlOptions, type UrlSource } from "./url-source.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

const never = new AbortController().signal;
const bytes = seededBytes("a file on a web server", 3_000_000);

async function open(url: URL, options: OpenUrlOptions = {}): Promise<UrlSource> {
  const source = await openUrlSource(url, { format: "raw", ...options });
  onTestFinished(() => source.close());
  return source;
}

async function served(): Promise<{ file: ServedFile; url: URL }> {
  const file = new ServedFile(bytes);
  return { file, url: await serve(file.handler) };
}

async function readAt(source: UrlSource, offset: number, lengthBytes: number): Promise<Buffer> {
  const into = Buffer.alloc(lengthBytes);
  await source.read(offset, into, never);
  return into;
}

const isAt = (read: Buffer, offset: number): boolean =>
  read.equals(bytes.subarray(offset, offset + read.length));

test("a file at a URL is read at any offset, unpacked, and of one version only", async () => {
  const { file, url } = await served();
  const source = await open(url);
  expect(source.sizeBytes).toBe(bytes.length);
  for (const [offset, length] of [
    [600_000, 5_000],
    [0, 1],
    [bytes.length - 7, 7],
    [0, bytes.length],
    [262_143, 2],
  ] as const) {
    expect(isAt(await readAt(source, offset, length), offset)).toBe(true);
  }
  const headers = file.asked.map(({ request }) => request.headers);
  expect(new Set(headers.map((one) => one["accept-encoding"]))).toEqual(new Set(["identity"]));
  expect(headers.slice(1).every((one) => one["if-match"] === '"1"')).toBe(true);
});

test("a file that is read in order is fetched once, by few requests", async () => {
  const { file, url } = await served();
  const source = await open(url);
  for (let at = 0; at < bytes.length; at += 30_000) {
    const length = Math.min(30_000, bytes.length - at);
    expect(isAt(await readAt(source, at, length), at)).toBe(true);
  }
  expect(file.askedBytes()).toBe(bytes.length + 1);
  expect(file.asked.length).toBeLessThan(9);
});

test("reads here and there fetch little more than they need", async () => {
  const { file, url } = await served();
  const source = await open(url);
  await readAt(source, 2_000_000, 100);
  await readAt(source, 1_200_000, 100);
  expect(file.askedBytes()).toBeLessThan(4 * 256 * 1024);
});

test("a check reads a disk at a URL, and names the URL without its query", async () => {
  const { url } = await served();
  const { sizeBytes, findings } = await checkImage(url);
  expect(sizeBytes).toBe(bytes.length);
  expect(findings.map(({ code }) => code)).toContain("NO_PARTITION_TABLE");
});

test("redirects are followed, and the file is read where it was found", async () => {
  const { file, url: found } = await served();
  let asked = 0;
  const url = await serve((_, answer) => {
    asked++;
    answer.writeHead(302, { Location: found.href }).end();
  });
  const source = await open(url);
  expect(isAt(await readAt(source, 0, bytes.length), 0)).toBe(true);
  expect(asked).toBe(1);
  expect(source.label).toBe(`${url.origin}/disk.img`);
  expect(file.asked[0]!.request.url).toBe(`/disk.img?signature=${secret}`);
});

// fault U04
test("a place that a redirect led to and that expires is asked for again", async () => {
  const { file, url: found } = await served();
  let version = 1;
  const url = await serve((_, answer) => {
    answer.writeHead(302, { Location: `${found.href}&version=${version}` }).end();
  });
  const source = await open(url);
  version = 2;
  file.before = (request, answer) => {
    if (request.url?.endsWith("version=2") === true) return false;
    answer.writeHead(403).end();
    return true;
  };
  expect(isAt(await readAt(source, 0, bytes.length), 0)).toBe(true);
});

test("redirects without end, to another protocol or with a password are not followed", async () => {
  const round = await serve((_, answer) => answer.writeHead(302, { Location: "/again" }).end());
  await expect(open(round)).rejects.toThrow(/redirects more than 5 times/);
  for (const location of ["file:///etc/passwd", "http://user:pass@127.0.0.1/", "http://["]) {
    const url = await serve((_, answer) => answer.writeHead(302, { Location: location }).end());
    await expect(open(url)).rejects.toMatchObject({ code: "SOURCE_UNUSABLE" });
  }
});

test("user info is sent as Basic to its own origin, and to no other", async () => {
  const file = new ServedFile(bytes);
  const there = await serve(file.handler);
  const seen: (string | undefined)[] = [];
  const url = await serve((request, answer) => {
    seen.push(request.headers.authorization);
    const to = request.url === "/here" ? there.href : "/here";
    answer.writeHead(307, { Location: to }).end();
  });
  url.username = "user";
  url.password = "p%40ss%";
  const source = await open(url);
  const basic = `Basic ${Buffer.from("user:p@ss%").toString("base64")}`;
  expect(seen).toEqual([basic, basic]);
  expect(file.asked[0]!.request.headers.authorization).toBeUndefined();
  expect(source.label).toBe(`${url.origin}/disk.img`);
  expect(JSON.stringify(source.identity)).not.toMatch(/user|ss%|s3cr3t/);
});

test("a server that ignores ranges or refuses is told, without the URL's query", async () => {
  const whole = await serve((_, answer) => answer.writeHead(200).end(bytes));
  await expect(open(whole)).rejects.toThrow(
    /\/disk\.img cannot be read in pieces: the server does not support ranges\. Download/,
  );
  for (const [status, text] of [
    [404, "the server answers 404. Check the URL."],
    [403, "the server answers 403. If the URL has expired, try again with a new one"],
  ] as const) {
    const url = await serve((_, answer) => answer.writeHead(status).end());
    const failure = await open(url).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: "SOURCE_REFUSED", status });
    expect((failure as Error).message).toContain(text);
    expect((failure as Error).message).not.toContain(secret);
  }
});

test("an empty file is IMAGE_SIZE", async () => {
  const url = await serve(new ServedFile(new Uint8Array()).handler);
  await expect(open(url)).rejects.toMatchObject({ code: "IMAGE_SIZE" });
});

// fault U01
test.each([
  ["its ETag", (file: ServedFile) => (file.etag = '"2"')],
  ["its size", (file: ServedFile) => (file.bytes = bytes.subarray(0, 2_500_000))],
])("a file that changes %s on its server is SOURCE_CHANGED", async (_, change) => {
  const { file, url } = await served();
  const source = await open(url);
  change(file);
  await expect(readAt(source, 0, bytes.length)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  await expect(source.check()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});

// fault U01
test("without a strong ETag, the modification time tells that a file changed", async () => {
  const { file, url } = await served();
  file.etag = null;
  file.lastModified = "Wed, 01 Jan 2025 00:00:00 GMT";
  const source = await open(url);
  await readAt(source, 0, 10);
  expect(file.asked.at(-1)!.request.headers["if-unmodified-since"]).toBe(file.lastModified);
  file.lastModified = "Wed, 01 Jan 2025 00:00:01 GMT";
  await expect(source.check()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});

// fault U01
test("a server that ignores If-Match is caught by the ETag of its answer", async () => {
  const { file, url } = await served();
  const source = await open(url);
  file.etag = '"2"';
  file.before = (request, answer) => {
    const [, from, to] = /(\d+)-(\d+)/.exec(request.headers.range!)!;
    file.answer(answer, Number(from), Number(to));
    return true;
  };
  await expect(source.check()).rejects.toThrow(/the ETag of .* has changed since this run began/);
});

// fault U02
test("answers that break off, or refuse for a while, are resumed from where they were", async () => {
  fastClock.run(50);
  onTestFinished(() => fastClock.reset());
  const { file, url } = await served();
  const source = await open(url);
  let failures = 0;
  file.before = (request, answer) => {
    const [, from = 0, to = 0] = /(\d+)-(\d+)/.exec(request.headers.range!)!;
    if (failures++ > 8) return false;
    if (failures % 2 === 0) return (answer.writeHead(503).end(), true);
    const range = `bytes ${from}-${to}/${bytes.length}`;
    answer.writeHead(206, { "Content-Range": range, ETag: '"1"' });
    answer.write(bytes.subarray(Number(from), Number(from) + 50_000), () => answer.destroy());
    return true;
  };
  expect(isAt(await readAt(source, 0, bytes.length), 0)).toBe(true);
  expect(source.outage).toBeNull();
  expect(file.asked.some(({ from }) => from % 262_144 === 50_000)).toBe(true);
});

// fault U02
test("a server that sends another range, more or less than it said is given up after a few tries", async () => {
  fastClock.run(200);
  onTestFinished(() => fastClock.reset());
  const answers: Handler[] = [
    (_, answer) =>
      answer.writeHead(206, { "Content-Range": `bytes 5-14/${bytes.length}` }).end(bytes),
    (_, answer) => answer.writeHead(200).end(bytes),
    (_, answer) =>
      answer
        .writeHead(206, {
          "Content-Range": `bytes 0-0/${bytes.length}`,
          "Content-Encoding": "gzip",
        })
        .end("x"),
  ];
  for (const before of answers) {
    const { file, url } = await served();
    const source = await open(url);
    file.before = (request, answer) => (before(request, answer), true);
    await expect(readAt(source, 0, 10)).rejects.toMatchObject({ code: "SOURCE_REFUSED" });
  }
});

// fault U03
test("a server that is not reached is told by its name, and given up", async () => {
  fastClock.run(200);
  onTestFinished(() => fastClock.reset());
  const { file, url } = await served();
  const source = await open(url, { retryBudgetMs: 60_000 });
  file.before = (request) => (request.socket.destroy(), true);
  const reading = readAt(source, 0, 10);
  await expect.poll(() => source.outage).toMatchObject({ webServer: url.host });
  await expect(reading).rejects.toMatchObject({
    code: "NO_PROGRESS",
    message: expect.stringContaining(
      `The connection to the web server ${url.host} ended`,
    ) as string,
  });
  await expect(source.check()).rejects.toMatchObject({ code: "NO_PROGRESS" });
  const nobody = await serve(() => undefined);
  nobody.port = "1";
  await expect(open(nobody)).rejects.toMatchObject({
    code: "SOURCE_UNREACHABLE",
    host: nobody.host,
    reason: "ECONNREFUSED",
  });
});

test("a URL that is none of a web server is refused at once", async () => {
  for (const url of ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"]) {
    await expect(open(new URL(url))).rejects.toMatchObject({ code: "SOURCE_UNUSABLE" });
  }
});
