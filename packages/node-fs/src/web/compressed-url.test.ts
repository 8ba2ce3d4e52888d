import type { IncomingMessage, ServerResponse } from "node:http";
import { MiB } from "@img/transfer";
import { expect, test } from "vitest";
import type { Finding } from "../index.js";
import { checkImage } from "../check-image.js";
import { fileJournals } from "../journals/journal-store.js";
import { runChild } from "../testing/child.js";
import { disk, kinds, packed, partBytes } from "../testing/packed-disk.js";
import { diskOf, gzip, hasPackers } from "../testing/packers.js";
import { receiptsIn } from "../testing/receipts.js";
import { sha256Of } from "../testing/seeded.js";
import { secret, serve, ServedFile } from "../testing/web-server.js";
import { openWorld, type World } from "../testing/world.js";

/** Of which more is to be read when its first part has arrived. */
const longer = gzip(diskOf(2 * partBytes + 12_345));
const qcow2 = Buffer.from("QFI\xfb and more", "latin1");

async function open(bytes: Uint8Array, hasRanges = true) {
  const world = await openWorld();
  const file = new ServedFile(bytes);
  if (!hasRanges) file.before = (request, answer) => answerWhole(file, request, answer);
  return { world, file, url: await serve(file.handler) };
}

function answerWhole(file: ServedFile, { headers }: IncomingMessage, answer: ServerResponse): true {
  const match = headers["if-match"];
  if (match !== undefined && match !== file.etag) answer.writeHead(412).end();
  else answer.writeHead(200, { ...(file.etag !== null && { ETag: file.etag }) }).end(file.bytes);
  return true;
}

async function isCompleted(world: World): Promise<boolean> {
  const { data } = (await world.api("GET", "")) as { data: { upload_status: string }[] };
  return data.some(({ upload_status }) => upload_status === "completed");
}

/** The error of a call that fails; its message never has the query. */
async function failureOf(work: Promise<unknown>): Promise<Error & { readonly code: string }> {
  const error = await work.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason as Error,
  );
  expect(error.message).not.toContain(secret);
  return error as Error & { readonly code: string };
}

test.runIf(hasPackers).each(kinds)(
  "a %s file at a URL goes up as the raw disk that it unpacks to",
  async (kind) => {
    const { world, url } = await open(packed[kind]);
    const result = await world.upload(url, {
      expectedSha256: sha256Of(disk),
      sourceSha256: sha256Of(packed[kind]),
    });
    expect(result).toMatchObject({ sizeBytes: disk.length, sha256: sha256Of(disk) });
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
    expect(await world.upload(url)).toMatchObject({ sentBytes: 0, sizeBytes: disk.length });
  },
);

// fault U08
test("a compressed file is unpacked from a server that answers no ranges, too", async () => {
  const bytes = gzip(disk);
  const { world, url } = await open(bytes, false);
  const findings: Finding[] = [];
  const result = await world.upload(url, {
    sourceSha256: sha256Of(bytes),
    onFinding: (finding) => void findings.push(finding),
  });
  expect(result).toMatchObject({ sizeBytes: disk.length, sha256: sha256Of(disk) });
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
  expect(findings.length).toBeGreaterThan(0);
});

// fault U05
test.runIf(hasPackers).each(kinds)(
  "after kill -9 a %s file at a URL is unpacked again, and only parts without a receipt are sent",
  async (kind) => {
    const { world, url } = await open(packed[kind]);
    world.server.faults.add({ on: "part", nth: 2, times: Infinity, do: "stall", afterBytes: 1000 });
    const options = JSON.stringify({ stateDir: world.stateDir, partBytes: 5 * MiB, lanes: 1 });
    const child = runChild(world, `img.uploadImage(new URL("${url.href}"), ${options})`);
    await receiptsIn(fileJournals(world.stateDir), 1);
    await child.kill();
    world.server.faults.clear();
    url.search = "signature=another-one";

    const result = await world.upload(url);

    expect(result).toMatchObject({ resumed: true, sentBytes: disk.length - partBytes });
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
    const [journal] = await fileJournals(world.stateDir).list();
    expect(Buffer.from(journal!.contents).toString()).not.toMatch(/signature|another-one/);
  },
);

// fault D64
test.each([true, false])(
  "a compressed file at a URL that is damaged completes nothing (ranges: %s)",
  async (hasRanges) => {
    const bytes = gzip(disk);
    const { world, url } = await open(bytes.subarray(0, bytes.length - 1000), hasRanges);
    const error = await failureOf(world.upload(url));
    expect(error.code).toBe("COMPRESSED_DAMAGED");
    expect(error.message).toContain(`${url.origin}/disk.img is damaged or incomplete`);
    expect(await isCompleted(world)).toBe(false);
  },
);

// fault U01
test("a compressed file that changes on its server while it is sent is SOURCE_CHANGED, not damaged", async () => {
  const { world, file, url } = await open(longer);
  const error = await failureOf(
    world.upload(url, {
      lanes: 1,
      memoryBytes: 2 * partBytes,
      onPart: () => {
        file.etag = '"2"';
        file.bytes = gzip(diskOf(2 * partBytes + 12_345, 8));
      },
    }),
  );
  expect(error.code).toBe("SOURCE_CHANGED");
  expect(await isCompleted(world)).toBe(false);
});

// fault U02
test("answers that break off while a compressed file is unpacked are asked for again", async () => {
  const bytes = gzip(disk);
  const { world, file, url } = await open(bytes);
  let left = 3;
  file.before = (request) => {
    const isProbe = request.headers.range === "bytes=0-0";
    if (isProbe || left === 0) return false;
    left--;
    request.socket.destroy();
    return true;
  };
  const result = await world.upload(url);
  expect(left).toBe(0);
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(disk));
});

test.each([true, false])(
  "a disk image inside is refused with a command that fits a URL, without its query (ranges: %s)",
  async (hasRanges) => {
    const { world, url } = await open(gzip(qcow2), hasRanges);
    const error = await failureOf(world.upload(url));
    expect(error.code).toBe("FORMAT_UNSUPPORTED");
    expect(error.message).toContain(
      `curl -L ${url.origin}/disk.img | gzip -dc > disk && img upload disk`,
    );
    expect(world.server.requests.create).toBe(0);
  },
);

test.each([true, false])(
  "format raw sends the compressed bytes of a URL as they are (ranges: %s)",
  async (hasRanges) => {
    const bytes = gzip(disk);
    const { world, url } = await open(bytes, hasRanges);
    const result = await world.upload(url, { format: "raw" });
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(bytes));
  },
);

test.each([true, false])(
  "what a URL's file is not, and another SHA-256 of it, creates nothing (ranges: %s)",
  async (hasRanges) => {
    const { world, file, url } = await open(gzip(disk), hasRanges);
    const other = await failureOf(world.upload(url, { sourceSha256: "ab".repeat(32) }));
    expect(other).toMatchObject({ code: "DIGEST_MISMATCH", gotSha256: sha256Of(file.bytes) });
    const wrong = await failureOf(world.upload(url, { format: "xz" }));
    expect(wrong).toMatchObject({ code: "INVALID_OPTION", option: "format" });
    file.bytes = disk;
    const plain = await failureOf(world.upload(url, { format: "gzip" }));
    expect(plain).toMatchObject({ code: "INVALID_OPTION", option: "format" });
    expect(world.server.requests.create).toBe(0);
  },
);

test("the check of a compressed disk at a URL is that of what it unpacks to", async () => {
  const { url } = await open(gzip(Buffer.alloc(3 * MiB)));
  const { findings, ...checked } = await checkImage(url);
  expect(checked).toMatchObject({ format: "gzip", sizeBytes: 3 * MiB });
  expect(findings.map(({ code }) => code)).toEqual(["LOOKS_EMPTY"]);
});
