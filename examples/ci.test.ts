import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startServer } from "@img/local-server";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..");
const examples = join(import.meta.dirname, "ci");
const token = "ci-token-0123456789";
const MiB = 2 ** 20;

/** Makes a job's folder, a server to upload to, and a PATH with `img`. */
async function job() {
  const folder = mkdtempSync(join(tmpdir(), "img-ci-"));
  const server = await startServer({ dir: join(folder, ".store"), port: 0, token, drainMs: 0 });
  onTestFinished(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const programs = join(folder, "programs");
  mkdirSync(programs);
  const main = join(root, "packages/cli/dist/main.js");
  writeFileSync(join(programs, "img"), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(join(programs, "img"), 0o755);
  const env: Record<string, string> = {
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
    HOME: folder,
    XDG_STATE_HOME: join(folder, "state"),
    SFC_SERVER_URL: server.url,
    SFC_BEARER_AUTH: token,
  };
  const run = (program: string, args: readonly string[], more: Record<string, string> = {}) =>
    promisify(execFile)(program, args, { cwd: folder, env: { ...env, ...more } });
  return { folder, server, run };
}

type Job = Awaited<ReturnType<typeof job>>;

/** Makes a disk of seeded bytes. @returns Its SHA-256. */
function disk({ folder }: Job, name: string, sizeBytes = 3 * MiB): string {
  const bytes = Buffer.alloc(sizeBytes, createHash("sha512").update(name).digest());
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), bytes);
  return createHash("sha256").update(bytes).digest("hex");
}

/** Lists the names and digests of the images on the server. */
async function images({ server }: Job): Promise<readonly { name: string; sha256: string }[]> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.url}/v2/images`, { headers });
  const { data } = (await answer.json()) as { data: { name: string; sha256: string }[] };
  return data.map(({ name, sha256 }) => ({ name, sha256 }));
}

test("the action uploads its file, and its outputs are the image's id and digest", async () => {
  const here = await job();
  const sha256 = disk(here, "disk.img");
  const output = join(here.folder, "output");
  const inputs = {
    INPUT_FILE: "disk.img",
    INPUT_NAME: "build-1",
    IMG: "img",
    GITHUB_OUTPUT: output,
  };
  await here.run(join(root, "action/upload.sh"), [], inputs);
  expect(readFileSync(output, "utf8")).toMatch(new RegExp(`^id=image_\\S+\nsha256=${sha256}\n$`));
  expect(await images(here)).toEqual([{ name: "build-1", sha256 }]);
});

test("the action run again finds its image complete", async () => {
  const here = await job();
  disk(here, "disk.img");
  const output = join(here.folder, "output");
  const inputs = { INPUT_FILE: "disk.img", IMG: "img", GITHUB_OUTPUT: output };
  await here.run(join(root, "action/upload.sh"), [], inputs);
  await here.run(join(root, "action/upload.sh"), [], inputs);
  const ids = [...readFileSync(output, "utf8").matchAll(/^id=(.*)$/gm)].map(([, id]) => id);
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(ids[1]);
  expect(await images(here)).toHaveLength(1);
});

test("the action passes further arguments, one a line, and fails as the command does", async () => {
  const here = await job();
  disk(here, "disk.img");
  const inputs = { INPUT_FILE: "disk.img", IMG: "img", INPUT_ARGS: "--name\na name with blanks" };
  const failing = here.run(join(root, "action/upload.sh"), [], inputs);
  await expect(failing).rejects.toMatchObject({ code: 2 });
});

test("every input and output of the action is used by its script", () => {
  const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as {
    inputs: Record<string, unknown>;
    runs: { steps: { env?: Record<string, string> }[] };
  };
  const passed = Object.values(action.runs.steps.find(({ env }) => env)?.env ?? {});
  for (const input of Object.keys(action.inputs)) {
    expect(passed, input).toContain(`\${{ inputs.${input} }}`);
  }
});

test("the GitLab job uploads the image under the commit's name", async () => {
  const here = await job();
  const sha256 = disk(here, "disk.img");
  const jobs = parse(readFileSync(join(examples, "gitlab-ci.yml"), "utf8")) as {
    "upload-image": { script: string[] };
  };
  const script = jobs["upload-image"].script.join("\n");
  await here.run("sh", ["-ec", script], { CI_COMMIT_SHORT_SHA: "0badcafe" });
  expect(await images(here)).toEqual([{ name: "disk-0badcafe.img", sha256 }]);
});

test("the Packer template's last step uploads what was built", async () => {
  const here = await job();
  const sha256 = disk(here, "output-disk/disk.img");
  const template = readFileSync(join(examples, "packer.pkr.hcl"), "utf8");
  const [, inline = ""] = /inline = \[\s*(".*"),\s*\]/.exec(template) ?? [];
  await here.run("sh", ["-ec", JSON.parse(inline) as string], { PACKER_BUILD_NAME: "disk" });
  expect(await images(here)).toEqual([{ name: "disk-disk.img", sha256 }]);
});

test("the mkosi script uploads the disk of the output folder", async () => {
  const here = await job();
  const sha256 = disk(here, "out/disk.raw");
  const env = { OUTPUTDIR: join(here.folder, "out"), IMAGE_ID: "node", IMAGE_VERSION: "7" };
  await here.run(join(examples, "mkosi.postoutput"), [], env);
  expect(await images(here)).toEqual([{ name: "node-7.raw", sha256 }]);
});
