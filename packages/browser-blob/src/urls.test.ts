import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { readVector } from "../../disk-formats/src/testing/read-vector.js";
import { Chromium, type ChromiumPage } from "./testing/chromium.js";
import { bytesFrom, partBytes, Rig, sha256Of, type Tab } from "./testing/rig.js";
import { pageScripts, type Scripts } from "./testing/scripts.js";
import type { Outcome } from "./testing/transfer-page.js";

declare const img: typeof import("./testing/transfer-page.js");

const image = bytesFrom("a file at a URL", 3 * partBytes);
const sha256 = sha256Of(image);
let chromium: Chromium;
let scripts: Scripts;
beforeAll(async () => {
  [chromium, scripts] = await Promise.all([Chromium.unpack(), pageScripts("transfer-page.ts")]);
});
afterAll(() => chromium.close());

type Handler = (request: IncomingMessage, answer: ServerResponse) => void;

/** A web server of another origin. @returns The URL of a file on it. */
async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/images/disk.img?token=secret`;
}

const open = { "Access-Control-Allow-Origin": "*" };

/** Answers ranges as a web server does whose files any page may read. */
function answerRange(
  bytes: Uint8Array,
  { headers }: IncomingMessage,
  answer: ServerResponse,
  version: Readonly<Record<string, string>> = { "Last-Modified": "Mon, 01 Jun 2026 00:00:00 GMT" },
): void {
  const [, from = "", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
  const end = to === "" ? bytes.length : Number(to) + 1;
  const piece = bytes.subarray(Number(from), end);
  const range = `bytes ${from}-${end - 1}/${bytes.length}`;
  answer.writeHead(206, {
    ...open,
    ...version,
    "Content-Range": range,
    "Content-Length": piece.length,
  });
  answer.end(piece);
}

async function openRig(): Promise<Rig<ChromiumPage>> {
  const rig = await Rig.open(chromium, scripts, new Uint8Array(1));
  onTestFinished(() => rig.close());
  return rig;
}

async function beginUploadOf(url: string, tab: Tab<ChromiumPage>): Promise<void> {
  await tab.page.evaluate(([order, url]) => img.beginUploadOfUrl(order, url), [
    tab.order(),
    url,
  ] as const);
}

async function uploadOf(url: string, rig: Rig<ChromiumPage>): Promise<Outcome> {
  const tab = await rig.openTab();
  await beginUploadOf(url, tab);
  return tab.outcome();
}

test("a file at a URL is fetched by ranges, without credentials, and its query is kept nowhere", async () => {
  const seen: IncomingMessage["headers"][] = [];
  const url = await serve((request, answer) => {
    seen.push(request.headers);
    answerRange(image, request, answer);
  });
  const tab = await (await openRig()).openTab();
  await beginUploadOf(url, tab);
  expect(await tab.outcome()).toMatchObject({ sha256, movedBytes: image.length });
  expect(seen.map(({ range }) => range)).toContain(`bytes=${partBytes}-${2 * partBytes - 1}`);
  for (const { authorization, cookie, referer } of seen)
    expect({ authorization, cookie, referer }).toEqual({});
  expect(await tab.storedText()).not.toContain("secret");
});

test("a server that answers no ranges is read from its start to its end, once", async () => {
  let requests = 0;
  const url = await serve((_, answer) => {
    requests++;
    answer.writeHead(200, { ...open, "Content-Length": image.length }).end(image);
  });
  expect(await uploadOf(url, await openRig())).toMatchObject({ sha256 });
  expect(requests).toBe(1);
});

test("a server that forbids pages to read it is told in words, without the URL's query", async () => {
  const url = await serve((_, answer) => answer.end(image));
  const rig = await openRig();
  const outcome = await uploadOf(url, rig);
  expect(outcome).toMatchObject({
    code: "SOURCE_UNUSABLE",
    message: expect.stringContaining("does not allow other sites to read it (CORS)") as string,
  });
  expect(JSON.stringify(outcome)).not.toContain("secret");
  expect(rig.server.requests.create).toBe(0);
});

test.each([
  [404, /answers 404/],
  [500, /answers 500/],
])("a server that answers %i is SOURCE_UNUSABLE", async (status, message) => {
  const url = await serve((_, answer) => answer.writeHead(status, open).end("no"));
  const said = expect.stringMatching(message) as string;
  expect(await uploadOf(url, await openRig())).toMatchObject({
    code: "SOURCE_UNUSABLE",
    message: said,
  });
});

test("an answer that breaks off is continued where it broke off", async () => {
  const ranges: string[] = [];
  const url = await serve((request, answer) => {
    const { range = "" } = request.headers;
    ranges.push(range);
    if (range !== `bytes=${partBytes}-${2 * partBytes - 1}`) {
      answerRange(image, request, answer);
      return;
    }
    answer.writeHead(206, {
      ...open,
      "Last-Modified": "Mon, 01 Jun 2026 00:00:00 GMT",
      "Content-Length": partBytes,
    });
    answer.write(image.subarray(partBytes, partBytes + 1000), () => request.socket.destroy());
  });
  expect(await uploadOf(url, await openRig())).toMatchObject({ sha256 });
  expect(ranges).toContain(`bytes=${partBytes + 1000}-${2 * partBytes - 1}`);
});

test("a file that changes on its server is SOURCE_CHANGED, and no image is completed", async () => {
  let requests = 0;
  const url = await serve((request, answer) => {
    const version = requests++ < 3 ? "Mon, 01 Jun 2026" : "Tue, 02 Jun 2026";
    answerRange(image, request, answer, { "Last-Modified": `${version} 00:00:00 GMT` });
  });
  const rig = await openRig();
  expect(await uploadOf(url, rig)).toMatchObject({ code: "SOURCE_CHANGED" });
  expect(rig.server.requests.complete).toBe(0);
});

test("where a server does not say which version it sends, what was sent is read again before the image is completed", async () => {
  const changed = Buffer.from(image).fill(1, 0, 1);
  let firstPart = 0;
  const url = await serve((request, answer) => {
    const isFirst = request.headers.range === `bytes=0-${partBytes - 1}`;
    answerRange(isFirst && firstPart++ > 0 ? changed : image, request, answer, {});
  });
  const rig = await openRig();
  expect(await uploadOf(url, rig)).toMatchObject({ code: "SOURCE_CHANGED" });
  expect(rig.server.requests.complete).toBe(0);
});

test("a qcow2 at a URL goes up as the raw disk that it describes", async () => {
  const { image: qcow2 } = readVector("qcow2", "version-3.hex");
  const url = await serve((request, answer) => answerRange(qcow2, request, answer));
  expect(await uploadOf(url, await openRig())).toMatchObject({ movedBytes: 5120 });
});

test("an upload of a URL resumes in another tab with what has no receipt", async () => {
  const url = await serve((request, answer) => answerRange(image, request, answer));
  const rig = await openRig();
  const tab = await rig.openTab();
  rig.server.faults.add({ on: "part", partId: 3, do: "stall" });
  await beginUploadOf(url, tab);
  await tab.reaches(2);
  await tab.page.evaluate(() => img.abort(), null);
  await tab.outcome();
  await tab.page.close();
  expect(await uploadOf(url, rig)).toEqual({
    sha256,
    movedBytes: partBytes,
    resumed: true,
  });
});
