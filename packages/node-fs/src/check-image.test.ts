import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SfcCore } from "@img/core/core.js";
import { startServer } from "@img/local-server";
import { expect, onTestFinished, test } from "vitest";
import { checkImage, uploadImage, type Finding } from "./index.js";

/** A server, and a disk of zeros, which cannot boot. */
async function zerosAndServer() {
  const folder = mkdtempSync(join(tmpdir(), "img-check-"));
  const token = "a-token-0123456789";
  const server = await startServer({ dir: join(folder, "store"), port: 0, token });
  onTestFinished(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const disk = join(folder, "zeros.img");
  writeFileSync(disk, "");
  truncateSync(disk, 2 ** 20);
  const client = new SfcCore({ serverURL: server.url, bearerAuth: token });
  const listed = async (): Promise<number> => {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(`${server.url}/v2/images`, { headers });
    return ((await answer.json()) as { data: unknown[] }).data.length;
  };
  return { disk, options: { client, stateDir: join(folder, "state") }, listed };
}

test("a check tells what a disk image is and what speaks against booting it", async () => {
  const { disk } = await zerosAndServer();
  expect(await checkImage(disk)).toMatchObject({
    format: "raw",
    sizeBytes: 2 ** 20,
    table: null,
    findings: [{ code: "LOOKS_EMPTY", severity: "error" }],
  });
});

test("an upload tells its findings before it creates anything, and goes through", async () => {
  const { disk, options, listed } = await zerosAndServer();
  const found: [string, Promise<number>][] = [];
  const onFinding = ({ code }: Finding) => void found.push([code, listed()]);
  await uploadImage(disk, { ...options, onFinding });
  expect(found.map(([code]) => code)).toEqual(["LOOKS_EMPTY"]);
  expect(await listed()).toBe(1);
});

test("a strict check stops the upload, and nothing is created", async () => {
  const { disk, options, listed } = await zerosAndServer();
  const refused = uploadImage(disk, { ...options, check: "strict" });
  await expect(refused).rejects.toMatchObject({ code: "CHECK_FAILED", finding: "LOOKS_EMPTY" });
  expect(await listed()).toBe(0);
});

test("an upload without a check, or that nobody listens to, finds nothing", async () => {
  const { disk, options } = await zerosAndServer();
  const found: Finding[] = [];
  const onFinding = (finding: Finding) => void found.push(finding);
  await uploadImage(disk, { ...options, name: "a", check: "off", onFinding });
  await uploadImage(disk, { ...options, name: "b" });
  expect(found).toEqual([]);
});
