import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { checkImage } from "../check-image.js";
import { openUrlFile } from "./url-file.js";

const bytes = Buffer.alloc(100_000, createHash("sha512").update("a file").digest());
const never = new AbortController().signal;

type Handler = (request: IncomingMessage, answer: ServerResponse) => void;

/** A web server on loopback. @returns Its URL. */
async function serve(handler: Handler): Promise<URL> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk.img?token=secret`,
  );
}

/** Answers ranges of `bytes` as a web server does. */
const answerRange =
  (etag = '"1"'): Handler =>
  (request, answer) => {
    const [, from = "", to = ""] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const wanted = request.headers["if-match"];
    if (wanted !== undefined && wanted !== etag) return void answer.writeHead(412).end();
    const piece = bytes.subarray(Number(from), Number(to) + 1);
    const range = `bytes ${from}-${to}/${bytes.length}`;
    answer.writeHead(206, { "Content-Range": range, ETag: etag }).end(piece);
  };

test("a file at a URL is read at any offset, unpacked, and only what is asked for", async () => {
  const seen: (string | undefined)[] = [];
  const url = await serve((request, answer) => {
    seen.push(request.headers["accept-encoding"]);
    answerRange()(request, answer);
  });
  const file = await openUrlFile(url, never);
  expect(file.sizeBytes).toBe(bytes.length);
  const into = new Uint8Array(5_000);
  await file.read(60_000, into, never);
  expect(bytes.subarray(60_000, 65_000).equals(into)).toBe(true);
  expect(seen).toEqual(["identity", "identity"]);
});

test("a check reads a disk at a URL, and names the URL without its query", async () => {
  const url = await serve(answerRange());
  const { sizeBytes, findings } = await checkImage(url);
  expect(sizeBytes).toBe(bytes.length);
  expect(findings.map(({ code }) => code)).toContain("NO_PARTITION_TABLE");
});

test("redirects are followed, and the file is read where it was found", async () => {
  const found = await serve(answerRange());
  const url = await serve((_, answer) => answer.writeHead(302, { Location: found.href }).end());
  expect((await openUrlFile(url, never)).sizeBytes).toBe(bytes.length);
});

test("redirects without end, to another protocol or with a password are not followed", async () => {
  const round = await serve((_, answer) => answer.writeHead(302, { Location: "/again" }).end());
  await expect(openUrlFile(round, never)).rejects.toThrow(/redirects more than 5 times/);
  for (const location of ["file:///etc/passwd", "http://user:pass@127.0.0.1/"]) {
    const url = await serve((_, answer) => answer.writeHead(302, { Location: location }).end());
    await expect(openUrlFile(url, never)).rejects.toMatchObject({ code: "SOURCE_UNUSABLE" });
  }
});

test("a server that ignores ranges or refuses is told, without the URL's query", async () => {
  const whole = await serve((_, answer) => answer.writeHead(200).end(bytes));
  await expect(openUrlFile(whole, never)).rejects.toThrow(
    /\/disk\.img cannot be read in pieces: the server does not answer ranges\. Download/,
  );
  const missing = await serve((_, answer) => answer.writeHead(404).end());
  await expect(openUrlFile(missing, never)).rejects.toThrow(/the server answers 404/);
  await expect(openUrlFile(missing, never)).rejects.not.toThrow(/secret/);
});

test("a file that changed on its server is SOURCE_CHANGED", async () => {
  let etag = '"1"';
  const url = await serve((request, answer) => answerRange(etag)(request, answer));
  const file = await openUrlFile(url, never);
  etag = '"2"';
  const reading = file.read(0, new Uint8Array(10), never);
  await expect(reading).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});

test("a server that sends less or more than it said is told", async () => {
  for (const piece of [Buffer.alloc(3), Buffer.alloc(30)]) {
    const url = await serve((request, answer) => {
      if (request.headers.range === "bytes=0-0") {
        answerRange()(request, answer);
        return;
      }
      answer.writeHead(206, { "Content-Range": `bytes 0-9/${bytes.length}` }).end(piece);
    });
    const file = await openUrlFile(url, never);
    const reading = file.read(0, new Uint8Array(10), never);
    await expect(reading).rejects.toMatchObject({ code: "SOURCE_UNUSABLE" });
  }
});

test("a URL that is none of a web server, or has a password in it, is refused at once", async () => {
  for (const url of ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://user:pass@127.0.0.1/"]) {
    await expect(openUrlFile(new URL(url), never)).rejects.toMatchObject({
      code: "SOURCE_UNUSABLE",
    });
  }
});
