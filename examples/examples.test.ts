import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Sfc } from "@img/core";
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

function environment(state = "state"): NodeJS.ProcessEnv {
  return {
    ...process.env,
    SFC_SERVER_URL: server.url,
    SFC_BEARER_AUTH: token,
    XDG_STATE_HOME: join(folder, state),
  };
}

const programOf = (name: string): string => join(import.meta.dirname, "dist", name);

async function example(name: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [programOf(name), ...args], {
    env: environment(),
  });
  return stdout;
}

async function makeImage(
  sizeBytes: number,
  name = "disk.img",
): Promise<{ path: string; sha256: string }> {
  const path = join(folder, name);
  const bytes = randomBytes(sizeBytes);
  await writeFile(path, bytes);
  return { path, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/**
 * Keeps the first run from ending before it is stopped: the last part is blocked until the next run asks for
 * the image.
 */
function stuckInFirstRun(partId: number): void {
  const only = (): boolean => server.requests.get === 0;
  server.faults.add({ on: "part", partId, only, times: Infinity, do: "stall" });
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

test("resume.ts resumes where it was stopped", async () => {
  const { path } = await makeImage(150_000_000);
  stuckInFirstRun(9);
  const output = await example("resume.js", path);
  expect(output).toContain("stopped: paused");
  expect(output).toContain("is complete; resumed: true");
  const [, before] = /(\d+) of 150000000 bytes were there already/.exec(output) ?? [];
  expect(Number(before)).toBeGreaterThanOrEqual(5 * 1024 * 1024);
});

test("resume-after-crash.ts kills the first run, and the next one resumes", async () => {
  const { path } = await makeImage(150_000_000);
  stuckInFirstRun(9);
  const output = await example("resume-after-crash.js", path);
  expect(output).toContain("the first run ended with SIGKILL");
  expect(output).toMatch(/disk\.img: [1-9]\d* of 29 parts have a receipt/);
  expect(output).toContain("is complete; resumed: true");
});

test("many-files.ts uploads what it can, tells what it can't, and skips what is complete", async () => {
  const { path: one } = await makeImage(6_000_000, "one.img");
  const { path: two } = await makeImage(7_000_000, "two.img");
  const missing = join(folder, "missing.img");
  const first = await example("many-files.js", one, missing, two).catch(
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  expect(first).toMatchObject({ code: 1 });
  expect((first as { stderr: string }).stderr).toContain("missing.img: There is no file");
  expect((first as { stdout: string }).stdout).toContain("2 of 3 files are complete");

  const again = await example("many-files.js", one, two);
  expect(again).toMatch(/one\.img: image_\S+, 0 bytes sent/);
  expect(again).toContain("2 of 2 files are complete");
});

test("http-source.ts copies an image from a web server, here the object store of another image", async () => {
  const { path, sha256 } = await makeImage(20_000_000);
  await example("upload.js", path);
  const { images } = new Sfc({ serverURL: server.url, bearerAuth: token });
  const { id } = (await images.list()).result.data[0]!;
  const { url } = await images.download({ id });
  const output = await example("http-source.js", url, "copy.img");
  expect(output).toContain(`is complete, SHA-256 ${sha256}`);
  expect(output).toContain("fresh, 20000000 bytes sent");
});

test("resume-elsewhere.ts resumes with another state folder, from the mirrored journal", async () => {
  const { path } = await makeImage(60_000_000);
  const share = join(folder, "share");
  server.faults.add({ on: "part", nth: 3, times: Infinity, do: "stall", afterBytes: 1000 });
  const first = spawn(process.execPath, [programOf("resume-elsewhere.js"), path, share], {
    env: environment("first machine"),
  });
  for await (const text of first.stdout) if (/^2 of/m.test(String(text))) break;
  first.kill("SIGKILL");
  await once(first, "exit");

  server.faults.clear();
  const { stdout } = await run(process.execPath, [programOf("resume-elsewhere.js"), path, share], {
    env: environment("second machine"),
  });
  expect(stdout).toContain("is complete; resumed: true");
});

test("errors.ts says what to do, by the code", async () => {
  const failing = async (...args: string[]): Promise<string> =>
    example("errors.js", ...args).catch((error: unknown) => (error as { stdout: string }).stdout);
  const missing = await failing(join(folder, "missing.img"));
  expect(missing).toMatch(/^SOURCE_UNUSABLE: correct the call/);

  const { path } = await makeImage(6_000_000);
  await example("upload.js", path);
  const { path: other } = await makeImage(7_000_000);
  expect(await failing(other)).toMatch(/^NAME_TAKEN: image image_\S+ is complete/);
});

test.each([
  "upload.js",
  "download.js",
  "resume.js",
  "resume-after-crash.js",
  "resume-elsewhere.js",
  "http-source.js",
  "many-files.js",
])("%s says in one line what is missing", async (name) => {
  const env = { ...environment(), SFC_BEARER_AUTH: "" };
  const ran = await run(process.execPath, [programOf(name)], { env }).catch(
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toMatch(
    /^(SFC_BEARER_AUTH must be set to the service's token|Give )[^\n]*\n$/,
  );
});
