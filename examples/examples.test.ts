import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startServer } from "@img/local-server";
import { afterEach, beforeEach, expect, test } from "vitest";

const run = promisify(execFile);
const token = "examples-token-0123456789";
let folder: string;
let server: Awaited<ReturnType<typeof startServer>>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "img-examples-"));
  server = await startServer({ dir: join(folder, "store"), port: 0, token });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function example(name: string, ...args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    SFC_SERVER_URL: server.url,
    SFC_BEARER_AUTH: token,
    XDG_STATE_HOME: join(folder, "state"),
  };
  const { stdout } = await run(
    process.execPath,
    [join(import.meta.dirname, "dist", name), ...args],
    { env },
  );
  return stdout;
}

async function makeImage(sizeBytes: number): Promise<{ path: string; sha256: string }> {
  const path = join(folder, "disk.img");
  const bytes = randomBytes(sizeBytes);
  await writeFile(path, bytes);
  return { path, sha256: createHash("sha256").update(bytes).digest("hex") };
}

test("upload.ts uploads a file, and download.ts brings it back", async () => {
  const { path, sha256 } = await makeImage(20_000_000);
  const uploaded = await example("upload.js", path);
  expect(uploaded).toContain(`SHA-256 ${sha256}`);
  expect(uploaded).toContain("fresh, 20000000 bytes sent");

  const copy = join(folder, "copy.img");
  const downloaded = await example("download.js", "disk.img", copy);
  expect(downloaded).toContain(`SHA-256 ${sha256}, as the service says`);
  expect((await readFile(copy)).equals(await readFile(path))).toBe(true);
});

test("resume.ts goes on where it was stopped", async () => {
  const { path } = await makeImage(150_000_000);
  const output = await example("resume.js", path);
  expect(output).toContain("stopped: paused");
  expect(output).toContain("is complete; resumed: true");
  const [, before] = /(\d+) of 150000000 bytes were there already/.exec(output) ?? [];
  expect(Number(before)).toBeGreaterThanOrEqual(16 * 1024 * 1024);
});
