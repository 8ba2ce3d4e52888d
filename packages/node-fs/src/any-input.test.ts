import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { startTestServer, type TestServer } from "@img/local-server/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  download,
  downloadStream,
  openFileSource,
  Sfc,
  upload,
  type FileSource,
  type UploadInput,
} from "@img/node-fs";
import { seededBytes } from "./testing/seeded.js";

let server: TestServer;
let client: Sfc;
let folder: string;
const bytes = seededBytes("any input", 300_000);

beforeAll(async () => {
  server = await startTestServer();
  client = new Sfc({ serverURL: server.url, bearerAuth: server.token });
  folder = await mkdtemp(join(tmpdir(), "img-any-input-"));
  await writeFile(join(folder, "disk.img"), bytes);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 100_000);
  yield bytes.subarray(100_000);
}

const inputs: Record<string, () => UploadInput | Promise<UploadInput>> = {
  path: () => join(folder, "disk.img"),
  url: () => pathToFileURL(join(folder, "disk.img")),
  source: () => openFileSource(join(folder, "disk.img")),
  readable: () => Readable.from(pieces()),
  "web-stream": () => new Blob([bytes]).stream(),
  iterable: () => pieces(),
};

test.each(Object.keys(inputs))("a %s is uploaded by the same call", async (name) => {
  const input = await inputs[name]!();
  const options = { client, stateDir: join(folder, "state"), name };
  const { image } = await upload(input, options);
  if (name === "source") await (input as FileSource).close();
  const target = join(folder, `${name}.back`);
  await download(image.id, pathToFileURL(target), { client });
  expect(Buffer.compare(await readFile(target), bytes)).toBe(0);
});

// fault D63
test.each(Object.keys(inputs))("a %s with another SHA-256 is not completed", async (name) => {
  for (const option of ["expectedSha256", "sourceSha256"]) {
    const input = await inputs[name]!();
    const asked = { client, stateDir: join(folder, "state"), name: `other-${name}` };
    const refused = upload(input, { ...asked, [option]: "ab".repeat(32) });
    await expect(refused).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
    if (name === "source") await (input as FileSource).close();
  }
  const { result } = await client.images.list({});
  const found = result.data.find((image) => image.name === `other-${name}`);
  expect(found?.uploadStatus).not.toBe("completed");
});

test("an image is downloaded into a stream of Node or of the web by the same call", async () => {
  const options = { client, stateDir: join(folder, "state"), name: "both" };
  const { image } = await upload(join(folder, "disk.img"), options);
  const ofNode: Uint8Array[] = [];
  const ofWeb: Uint8Array[] = [];
  const out = new Writable({
    write: (piece: Uint8Array, _, done) => {
      ofNode.push(piece);
      done();
    },
  });
  const web = new WritableStream<Uint8Array>({ write: (piece) => void ofWeb.push(piece) });
  await download(image.id, out, { client });
  await download(image.id, web, { client });
  await web.close(); // it was left open, as any other
  expect(Buffer.compare(Buffer.concat(ofNode), bytes)).toBe(0);
  expect(Buffer.compare(Buffer.concat(ofWeb), bytes)).toBe(0);
});

test("an image is downloaded into the answer of an HTTP server, which is no instance of Writable", async () => {
  const options = { client, stateDir: join(folder, "state"), name: "answered" };
  const { image } = await upload(join(folder, "disk.img"), options);
  const web = createServer((_, answer) => {
    downloadStream(image.id, answer, { client }).then(
      () => answer.end(),
      (error: unknown) => answer.destroy(error as Error),
    );
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  const answer = await fetch(`http://127.0.0.1:${(web.address() as AddressInfo).port}`);
  expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), bytes)).toBe(0);
  web.close();
});

test.each([
  [new URL("ftp://example.com/disk.img"), {}, "input"],
  [pieces(), {}, "name"],
  [{} as UploadInput, { name: "x" }, "input"],
  [pieces(), { name: "x", ifNameTaken: "verify" as const }, "ifNameTaken"],
])(
  "what cannot be uploaded is refused before anything is sent: %s",
  async (input, given, option) => {
    const before = server.requests.create;
    await expect(upload(input, { client, ...given })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option,
    });
    expect(server.requests.create).toBe(before);
  },
);

test("a source is closed at the end of its block", async () => {
  const source = await openFileSource(join(folder, "disk.img"));
  await source[Symbol.asyncDispose]();
  await expect(
    source.read(0, new Uint8Array(1), new AbortController().signal),
  ).rejects.toMatchObject({ code: "DISK" });
});
