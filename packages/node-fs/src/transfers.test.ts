import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sfc } from "@img/core";
import { startServer } from "@img/local-server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { forgetUpload, listTransfers, resumeUpload } from "./transfers.js";
import { uploadImage } from "./upload.js";

const MiB = 1024 * 1024;
const token = "transfers-token-0123456789";
let folder: string;
let stateDir: string;
let server: Awaited<ReturnType<typeof startServer>>;
let client: Sfc;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "img-transfers-"));
  stateDir = join(folder, "state");
  server = await startServer({ dir: join(folder, "store"), port: 0, token });
  client = new Sfc({ serverURL: server.url, bearerAuth: token });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Uploads until the first part has its receipt, then stops. */
async function startAndStop(name: string): Promise<void> {
  const path = join(folder, `${name}.img`);
  await writeFile(path, randomBytes(12 * MiB));
  const stop = new AbortController();
  const held = server.faults.add({ on: "part", partId: 3, do: "stall", times: Infinity });
  const upload = uploadImage(path, {
    client,
    name,
    stateDir,
    partBytes: 5 * MiB,
    lanes: 1,
    signal: stop.signal,
    onProgress: ({ partsDone }) => {
      if (partsDone > 0) stop.abort(new Error("stopped"));
    },
  });
  await expect(upload).rejects.toThrow("stopped");
  held.remove();
}

test("an upload that was stopped is listed with its file, how far it is, and why it stopped", async () => {
  await startAndStop("one");

  const [transfer, ...others] = await listTransfers({ stateDir });

  expect(others).toEqual([]);
  expect(transfer).toMatchObject({
    key: { kind: "upload", name: "one" },
    file: join(folder, "one.img"),
    sizeBytes: 12 * MiB,
    partsTotal: 3,
    stopped: { code: "ABORTED" },
    holder: null,
    damage: null,
  });
  expect(transfer!.partsDone).toBeGreaterThan(0);
});

test("an upload is resumed by its name, and one that is not there is told", async () => {
  await startAndStop("one");
  const result = await resumeUpload("one", { client, stateDir });
  expect(result).toMatchObject({ resumed: true, image: { name: "one" } });
  expect(result.sentBytes).toBeLessThan(12 * MiB);
  await expect(resumeUpload("one", { client, stateDir })).rejects.toMatchObject({
    code: "TRANSFER_NOT_FOUND",
  });
});

test("a forgotten upload is not listed any more, and its unfinished image is deleted only if asked", async () => {
  await startAndStop("kept");
  await startAndStop("deleted");

  await forgetUpload("kept", { client, stateDir });
  await forgetUpload("deleted", { client, stateDir, deleteImage: true });

  expect(await listTransfers({ stateDir })).toEqual([]);
  const { result } = await client.images.list({});
  expect(result.data.map(({ name }) => name)).toEqual(["kept"]);
});

test("a journal that is damaged is listed as that, and can be forgotten", async () => {
  await startAndStop("broken");
  const [before] = await listTransfers({ stateDir });
  const [journal] = (await readdir(stateDir)).filter((file) => file.endsWith(".journal"));
  await writeFile(join(stateDir, journal!), "garbage\n", { flag: "r+" });

  const [damaged] = await listTransfers({ stateDir });
  expect(before?.damage).toBeNull();
  expect(damaged?.damage).toMatch(/damaged/);

  await forgetUpload("broken", { client, stateDir });
  expect(await listTransfers({ stateDir })).toEqual([]);
});
