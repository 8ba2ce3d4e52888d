import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readVector } from "../../../disk-formats/src/testing/read-vector.js";
import { seededBytes } from "../../../node-fs/src/testing/seeded.js";
import { secret, serve, ServedFile } from "../../../node-fs/src/testing/web-server.js";
import { MiB, neverWhole, script, sha256Of, type Script } from "../testing/script.js";

const bytes = seededBytes("a URL for the command", 11 * MiB);

/** Makes a file on a web server, and checks everything that the commands print for secrets. */
async function open(content: Uint8Array = bytes) {
  const world = await script();
  const file = new ServedFile(content);
  const url = await serve(file.handler);
  url.username = "user";
  url.password = "pa55word";
  return { world, file, url: url.href, label: `${url.origin}/disk.img` };
}

const journals = ({ dir }: Script): string =>
  readdirSync(join(dir, ".state/img"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))
    .join("\n");

const secrets = new RegExp(`${secret}|pa55word`);

test("a URL is uploaded under its file's name, and shown without its secrets", async () => {
  const { world, url, label } = await open();
  const ran = await world.img("upload", url, "-v");
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain(`Uploaded ${label}: 11.0 MiB`);
  expect(ran.stdout).toContain("name    disk.img");
  expect(ran.stdout).toContain(sha256Of(bytes));
  const again = await world.img("upload", url, "--json");
  expect(again.events.at(-1)).toMatchObject({ event: "completed", already: true, file: label });
  expect(ran.stdout + ran.stderr + again.stdout + journals(world)).not.toMatch(secrets);
});

test("a plan and a check of a URL show it without its secrets, and read little of it", async () => {
  const { world, file, url, label } = await open(readVector("qcow2", "version-3.hex").image);
  const plan = await world.img("upload", url, "--dry-run");
  expect(plan.stdout).toContain(
    `${label} would be uploaded as disk.img\n  size    5.00 KiB; qcow2`,
  );
  const json = await world.img("upload", url, "--dry-run", "--json");
  expect(json.events.at(-1)).toMatchObject({ event: "plan", file: label, allocatedBytes: null });
  const checked = await world.img("check", url, "--json");
  expect(checked.events.at(-1)).toMatchObject({ event: "checked", file: label, format: "qcow2" });
  for (const { stdout, stderr } of [plan, json, checked])
    expect(stdout + stderr).not.toMatch(secrets);
  expect(file.asked.length).toBeLessThan(12);
});

test("a plan and a check of a compressed disk at a URL are of what it unpacks to", async () => {
  const packed = gzipSync(Buffer.alloc(3 * MiB));
  const { world, url, label } = await open(packed);
  const plan = await world.img("upload", url, "--dry-run", "--json");
  expect(plan.events.at(-1)).toMatchObject({
    event: "plan",
    file: label,
    sizeBytes: 3 * MiB,
    packedBytes: packed.length,
    type: "gzip",
  });
  const checked = await world.img("check", url, "--json");
  expect(checked.events.at(-1)).toMatchObject({ event: "checked", format: "gzip" });
  for (const { stdout, stderr } of [plan, checked]) expect(stdout + stderr).not.toMatch(secrets);
});

test("an upload from a URL that was killed is resumed with the URL again, and lists it without secrets", async () => {
  const { world, url, label } = await open();
  neverWhole(world.server, 3);
  const running = world.start("upload", url, "--lanes", "1", "--part-size", "5M", "--json", "-v");
  await running.event(({ event, number }) => event === "part" && number === 2);
  running.process.kill("SIGKILL");
  await running.done;
  world.server.faults.clear();

  const listed = await world.img("transfers", "--json");
  expect(listed.events).toMatchObject([{ name: "disk.img", from: label, needsUrl: true }]);
  for (const named of [["disk.img"], []]) {
    const refused = await world.img("transfers", "resume", ...named);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain(
      `Give all of ${label} again: img transfers resume disk.img URL`,
    );
  }
  const resumed = await world.img("transfers", "resume", "disk.img", url);
  expect(resumed).toMatchObject({ code: 0 });
  expect(resumed.stdout).toContain("1.00 MiB sent, the rest was there");
  expect(resumed.stdout).toContain(sha256Of(bytes));
  expect(listed.stdout + resumed.stdout + journals(world)).not.toMatch(secrets);
});

test("an interrupted upload names the command that resumes it, without the URL's secrets", async () => {
  const { world, url } = await open();
  neverWhole(world.server, 2);
  const running = world.start("upload", url, "--lanes", "1", "--part-size", "5M", "--json", "-v");
  await running.event(({ event }) => event === "part");
  running.process.kill("SIGINT");
  const { error, stdout, stderr } = await running.done;
  expect(error).toMatchObject({ code: "INTERRUPTED" });
  expect(error["resume"]).toMatch(
    /^img upload '?http:\/\/\[redacted\]@127\.0\.0\.1:\d+\/disk\.img\?\[redacted\]/,
  );
  expect(stdout + stderr).not.toMatch(secrets);
});

test("what is wrong with a URL is said in a sentence", async () => {
  const { world, url, label } = await open();
  const folder = await world.img("upload", url.replace("/disk.img", "/"));
  expect(folder.stderr).toMatch(/does not end with a file name\.\n {5}Name the image: --name NAME/);
  const name = await world.img("upload", url.replace("disk.img", "my%20disk.img"));
  expect(name.stderr).toContain("For example: --name my-disk.img");
  expect([folder.code, name.code]).toEqual([2, 2]);
  const gone = await serve((_, answer) => answer.writeHead(404).end());
  const missing = await world.img("upload", gone.href);
  expect(missing).toMatchObject({ code: 4 });
  expect(missing.stderr).toMatch(
    /^img: http:\S+\/disk\.img cannot be read: the server answers 404\./,
  );
  const other = await world.img("transfers", "resume", "disk.img", "ftp://127.0.0.1/x?signature=1");
  expect(other).toMatchObject({ code: 2 });
  const all = [folder, name, missing, other].map(({ stdout, stderr }) => stdout + stderr).join();
  expect(all).not.toMatch(secrets);
  expect(label).not.toMatch(secrets);
});

test("of a file and a URL each is uploaded, the URL's name found in the list of SHA-256s", async () => {
  const { world, url } = await open();
  const sha256 = world.file("a.img", 1024);
  world.file("SUMS", `${sha256}  a.img\n${sha256Of(bytes)} *images/disk.img\n`);
  const ran = await world.img("upload", "a.img", url, "--sha256sums", "SUMS");
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain(sha256Of(bytes));
  expect(ran.stdout + ran.stderr).not.toMatch(secrets);
});

test("--sha256sums takes a list from a web server, of a bounded length", async () => {
  const { world, url } = await open();
  const lists = [
    `${sha256Of(bytes)}  disk.img\n`,
    `${"ab".repeat(32)}  disk.img\n`,
    `${"ab".repeat(32)}  other.img\n`,
    "x".repeat(5 * MiB),
  ];
  const list = await serve((_, answer) => answer.end(lists.shift()));
  const ran = [];
  for (let index = 0; index < 4; index++) {
    ran.push(await world.img("upload", url, "--name", `n${index}`, "--sha256sums", list.href));
  }
  expect(ran.map(({ code }) => code)).toEqual([0, 7, 2, 2]);
  expect(ran[2]!.stderr).toContain(`http://${list.host}/disk.img has no SHA-256 of disk.img.`);
  expect(ran[3]!.stderr).toContain("is longer than 4.00 MiB");
  expect(ran.map(({ stdout, stderr }) => stdout + stderr).join()).not.toMatch(secrets);
  expect(world.server.requests.complete).toBe(1);
});
