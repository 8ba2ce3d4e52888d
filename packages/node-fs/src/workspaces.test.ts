import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { Sfc } from "@img/core";
import { startServer } from "@img/local-server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { downloadImage, downloadStream } from "./download.js";
import { seededBytes } from "./testing/seeded.js";
import { forgetUpload, listTransfers, resumeUpload } from "./transfers.js";
import { uploadImage, type UploadImageOptions, uploadStream } from "./upload.js";
import { verifyImage } from "./verify-image.js";

const MiB = 1024 * 1024;
const token = "workspaces-token-0123456789";
const home = "sfc:workspace:default:default";
const lab = "sfc:workspace:default:lab";
const bytes = seededBytes("workspaces", 6 * MiB);

let folder: string;
let stateDir: string;
let file: string;
let server: Awaited<ReturnType<typeof startServer>>;
/** In preview, without a workspace of its own. */
let client: Sfc;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "img-workspaces-"));
  stateDir = join(folder, "state");
  file = join(folder, "disk");
  await writeFile(file, bytes);
  server = await startServer({ dir: join(folder, "store"), port: 0, token, workspaces: ["lab"] });
  client = clientAt(server.url);
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const clientAt = (serverURL: string, workspace?: string): Sfc =>
  new Sfc({ serverURL, bearerAuth: token, apiVersion: "preview", workspace });

const upload = (options: Partial<UploadImageOptions>) =>
  uploadImage(file, { client, stateDir, partBytes: 5 * MiB, lanes: 1, ...options });

/** Uploads until the first part has its receipt. */
async function startAndStop(options: Partial<UploadImageOptions>): Promise<void> {
  const stop = new AbortController();
  const held = server.faults.add({ on: "part", partId: 2, do: "stall", times: Infinity });
  const onPart = (): void => stop.abort(new Error("stopped"));
  await expect(upload({ ...options, signal: stop.signal, onPart })).rejects.toThrow("stopped");
  held.remove();
}

async function idOf(workspace: string): Promise<string> {
  const { image } = await upload({ workspace, name: "probe" });
  return image.workspaceId!;
}

describe.each(["path", "id"])("a workspace that is named by its %s", (how) => {
  let workspace: string;
  beforeEach(async () => {
    workspace = how === "path" ? lab : await idOf(lab);
  });

  test("takes an upload, resumed there, and gives it back by its name", async () => {
    await startAndStop({ workspace });
    const result = await upload({ workspace });
    expect(result).toMatchObject({ resumed: true, image: { name: "disk", workspace: "lab" } });
    expect(result.sentBytes).toBeLessThan(bytes.length);

    const copy = join(folder, "copy");
    await downloadImage("disk", copy, { client, workspace });
    expect((await readFile(copy)).equals(bytes)).toBe(true);
    expect(await verifyImage(file, "disk", { client, workspace })).toMatchObject({ told: true });
  });

  test("says who has a name that is taken there, and leaves the other workspace alone", async () => {
    const { image } = await upload({ workspace });
    const second = join(folder, "second");
    const other = uploadImage(file, { client, stateDir: second, workspace });
    await expect(other).rejects.toMatchObject({ code: "NAME_TAKEN", imageId: image.id });
    const elsewhere = await upload({ workspace: home });
    expect(elsewhere.image).toMatchObject({ name: "disk", workspace: "default" });
  });

  test("adopts the image of a create whose answer was lost, and reads it back", async () => {
    server.faults.add({ on: "create", do: "lose-answer", by: "reset" });
    expect(await upload({ workspace })).toMatchObject({ verified: true });
    expect(server.requests.create).toBe(how === "path" ? 1 : 2); // one was the probe's
  });
});

test("uploads of one name to two workspaces are listed, resumed and forgotten apart", async () => {
  await startAndStop({ workspace: lab });
  await startAndStop({ workspace: home });
  const workspacesOf = async (workspace?: string) =>
    (await listTransfers({ stateDir, workspace })).map(({ key }) => key.workspace).sort();
  expect(await workspacesOf()).toEqual([home, lab]);
  expect(await workspacesOf(lab)).toEqual([lab]);

  await forgetUpload("disk", { client, stateDir, workspace: home, deleteImage: true });
  expect(await workspacesOf()).toEqual([lab]);
  const unknown = resumeUpload("disk", { client, stateDir, workspace: home });
  await expect(unknown).rejects.toMatchObject({ code: "TRANSFER_NOT_FOUND" });
  const atLab = clientAt(server.url, lab);
  expect(await resumeUpload("disk", { client: atLab, stateDir })).toMatchObject({ resumed: true });
  expect(await workspacesOf()).toEqual([]);
});

test("a stream goes to a workspace, and comes from a resource path", async () => {
  await uploadStream(Readable.from([bytes]), "piped", { client, workspace: lab });
  const chunks: Buffer[] = [];
  const out = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  await downloadStream("sfc:image:default:lab:piped", out, { client, workspace: home });
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
});

test("v2 sees what is in the account's default workspace", async () => {
  await upload({ workspace: home });
  const v2 = new Sfc({ serverURL: server.url, bearerAuth: token });
  expect(await verifyImage(file, "disk", { client: v2 })).toMatchObject({ told: true });
});

test("a workspace that cannot be used is an error before anything is sent, in every call", async () => {
  const v2 = new Sfc({ serverURL: server.url, bearerAuth: token });
  const before = { ...server.requests };
  const copy = join(folder, "copy");
  for (const given of [
    { client, workspace: "lab" },
    { client: v2, workspace: lab },
  ]) {
    const calls = [
      () => upload(given),
      () => uploadStream(Readable.from([bytes]), "piped", given),
      () => downloadImage("disk", copy, given),
      () => downloadStream("disk", new Writable(), given),
      () => verifyImage(file, "disk", given),
      () => resumeUpload("disk", { ...given, stateDir }),
      () => forgetUpload("disk", { ...given, stateDir }),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ code: "INVALID_OPTION", option: "workspace" });
    }
  }
  const listed = listTransfers({ stateDir, workspace: "lab" });
  await expect(listed).rejects.toMatchObject({ code: "INVALID_OPTION", option: "workspace" });
  expect({ ...server.requests }).toEqual(before);
});

// fault A17
test("an upload that is known for another URL of the same server is named, not resumed", async () => {
  await startAndStop({ workspace: lab });
  const sameServer = server.url.replace("127.0.0.1", "localhost");
  const client = clientAt(sameServer);
  await expect(upload({ client, workspace: lab })).rejects.toMatchObject({
    code: "NAME_TAKEN",
    knownAs: { server: `${server.url}/`, workspace: lab },
    message: expect.stringContaining(`pass --server ${server.url}/`) as string,
  });
  expect(await upload({ workspace: lab })).toMatchObject({ resumed: true });
});
