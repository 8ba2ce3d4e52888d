import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { MiB, neverWhole, script, token, type Script } from "./testing/script.js";

const packageFolder = join(import.meta.dirname, "..");
const name = `img-${process.platform}-${process.arch}`;
const executable = join(packageFolder, "../../dist/executable", name);

// Built as by `npm run package`, with the Node that becomes part of it.
beforeAll(async () => {
  const args = ["-y", "node@26", "build-executable.js"];
  await promisify(execFile)("npx", args, { cwd: packageFolder });
}, 300_000);

/** Makes a folder where `img` is the executable, on a PATH without Node. */
async function withoutNode(): Promise<Script> {
  const made = await script({}, [executable]);
  made.env["PATH"] = join(made.dir, "no-programs");
  return made;
}

test("the executable uploads and downloads without Node, in threads too", async () => {
  const { img, file, dir } = await withoutNode();
  const sha256 = file("disk.img", 33 * MiB);
  const uploaded = await img("upload", "disk.img", "--threads", "2", "--read-back", "--json");
  expect(uploaded).toMatchObject({ code: 0, stderr: "" });
  expect(uploaded.events.at(-1)).toMatchObject({ event: "completed", sha256 });
  const back = join(dir, "back.img");
  expect(await img("download", "disk.img", back)).toMatchObject({ code: 0 });
  expect(readFileSync(back).equals(readFileSync(join(dir, "disk.img")))).toBe(true);
});

test("the executable resumes what was killed", async () => {
  const { start, img, file, server } = await withoutNode();
  const sha256 = file("disk.img", 20 * MiB);
  const held = neverWhole(server, 4);
  const killed = start("upload", "disk.img", "--part-size", "5M", "--json");
  await killed.event(({ event, partsDone }) => event === "progress" && Number(partsDone) > 0);
  killed.process.kill("SIGKILL");
  await killed.done;
  held.remove();
  const { code, events } = await img("upload", "disk.img", "--json");
  expect(code).toBe(0);
  expect(events.at(-1)).toMatchObject({ event: "completed", sha256, resumed: true });
  expect(events.at(-1)!["sentBytes"]).toBeLessThan(20 * MiB);
});

test("the executable serves images and the page", async () => {
  const { start } = await withoutNode();
  const serving = start("serve", "--port", "0", "--dir", "store", "--json");
  const { url } = (await serving.event(({ event }) => event === "listening")) as { url: string };
  const page = await (await fetch(url)).text();
  const [, code = ""] = /src="\.\/(assets\/[^"]+\.js)"/.exec(page) ?? [];
  expect((await fetch(`${url}/${code}`)).headers.get("content-type")).toContain("javascript");
  const listed = await fetch(`${url}/v2/images`, { headers: { Authorization: `Bearer ${token}` } });
  expect(listed.status).toBe(200);
  serving.process.kill("SIGTERM");
  expect((await serving.done).code).toBe(0);
});

test("the executable has the AWS SDK in it", async () => {
  const { img } = await withoutNode();
  const store = ["--store", "s3://bucket", "--s3-endpoint", "http://127.0.0.1:9"];
  const { code, stderr } = await img("serve", ...store, "--port", "0", "--json");
  expect([code, JSON.parse(stderr)]).toEqual([
    2,
    expect.objectContaining({ code: "BUCKET_UNUSABLE" }),
  ]);
});

test("the executable completes commands in a shell and tells its version", async () => {
  const { img } = await withoutNode();
  expect((await img("completion", "bash")).stdout).toContain("complete ");
  const { version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as {
    version: string;
  };
  expect((await img("--version")).stdout).toBe(`${version}\n`);
});

test("options for Node in the environment do not reach the executable", async () => {
  const { img, env } = await withoutNode();
  env["NODE_OPTIONS"] = "--require /nonexistent.js";
  expect((await img("--version")).code).toBe(0);
});

test("the licences of everything in the executable are beside it", () => {
  const licences = join(packageFolder, "../../dist/executable/THIRD-PARTY-LICENSES.txt");
  expect(existsSync(licences)).toBe(true);
  expect(readFileSync(licences, "utf8")).toMatch(/^undici /m);
  expect(readFileSync(licences, "utf8")).toMatch(/^@aws-sdk\/client-s3 /m);
});
