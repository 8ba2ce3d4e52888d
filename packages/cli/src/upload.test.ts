import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MiB, script, token } from "./testing/script.js";

test("img upload FILE uploads it under its own name and says what it became", async () => {
  const { img, file } = await script();
  const sha256 = file("a.img", 3 * MiB);
  const ran = await img("upload", "a.img");
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.lines[0]).toMatch(/^Uploaded a\.img: 3\.00 MiB \(.* s, .*\/s\)$/);
  expect(ran.lines.slice(1)).toEqual([
    "  name    a.img",
    expect.stringMatching(/^ {2}id {6}image_[0-9A-Za-z_-]+$/),
    `  sha256  ${sha256}`,
  ]);
});

test("with --json the last line is the completed upload", async () => {
  const { img, file } = await script();
  const sha256 = file("a.img", 6 * MiB);
  const { code, events } = await img(
    "upload",
    "a.img",
    "--name",
    "other",
    "--part-size",
    "5M",
    "--json",
  );
  expect(code).toBe(0);
  expect(events.at(-1)).toEqual({
    event: "completed",
    id: expect.stringMatching(/^image_/) as unknown,
    name: "other",
    sha256,
    sizeBytes: 6 * MiB,
    sentBytes: 6 * MiB,
    resumed: false,
    elapsedMs: expect.any(Number) as unknown,
    file: "a.img",
  });
  expect(events[0]).toMatchObject({ event: "progress", name: "other", phase: "moving" });
});

test("--quiet says nothing when all is well", async () => {
  const { img, file } = await script();
  file("a.img", 1);
  expect(await img("upload", "a.img", "--quiet")).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "",
  });
});

test("--verbose tells each call and each part, and no secret", async () => {
  const { img, file } = await script();
  file("a.img", 6 * MiB);
  const ran = await img("upload", "a.img", "--verbose", "--part-size", "5M");
  expect(ran.code).toBe(0);
  expect(ran.stderr).toContain("a.img: POST /v2/images: 201\n");
  expect(ran.stderr).toContain("a.img: 2 of 2 parts are there\n");
  expect(ran.stdout + ran.stderr).not.toMatch(new RegExp(`${token}|signature|expires=`));
});

test("several files go up one after the other, each under its own name", async () => {
  const { img, file } = await script();
  for (const name of ["a.img", "b.img", "c.img"]) file(name, MiB);
  const { code, events } = await img("upload", "a.img", "b.img", "c.img", "--json");
  expect(code).toBe(0);
  const completed = events.filter(({ event }) => event === "completed");
  expect(completed.map(({ name }) => name)).toEqual(["a.img", "b.img", "c.img"]);
});

test("a file that is missing does not keep the others from going up", async () => {
  const { img, file } = await script();
  file("b.img", MiB);
  const ran = await img("upload", "a.img", "b.img");
  expect(ran.code).toBe(4);
  expect(ran.stderr).toBe("img: There is no file a.img. Check the path.\n");
  expect(ran.lines[0]).toContain("Uploaded b.img");
});

test("a name that is taken ends with 5 and says by what and what to do", async () => {
  const { img, file } = await script();
  file("a.img", MiB);
  const { events } = await img("upload", "a.img", "--json");
  const again = await img("upload", "a.img");
  expect(again.code).toBe(5);
  expect(again.stderr).toBe(
    `img: The name "a.img" is taken by ${String(events.at(-1)!["id"])}, which is completed.\n` +
      "     Choose another with --name, or delete that image; if it may be this very file: --if-name-taken verify\n",
  );
});

test("--if-name-taken verify accepts the very same image, without sending it", async () => {
  const { img, file } = await script();
  file("a.img", MiB);
  await img("upload", "a.img");
  const { code, events } = await img("upload", "a.img", "--if-name-taken", "verify", "--json");
  expect(code).toBe(0);
  expect(events.at(-1)).toMatchObject({ event: "completed", sentBytes: 0 });
});

test("--if-name-taken replace-unfinished takes the place of an upload that nobody finished", async () => {
  const { img, file, server, env, dir } = await script();
  file("a.img", MiB);
  server.faults.add({ on: "part", do: "answer", status: 400, times: Infinity });
  expect((await img("upload", "a.img")).code).toBe(1);
  env["XDG_STATE_HOME"] = `${dir}/.state-of-another-machine`;
  const taken = await img("upload", "a.img");
  expect(taken.code).toBe(5);
  expect(taken.stderr).toContain("--if-name-taken replace-unfinished");
});

for (const [what, args, code, message] of [
  ["an empty file", ["upload", "empty.img"], 2, "The file is empty."],
  ["a folder", ["upload", ".store"], 2, ".store is a folder."],
  ["standard input", ["upload", "-"], 2, "Standard input cannot be uploaded."],
  [
    "a bad name",
    ["upload", "a.img", "--name", "a/b"],
    2,
    "The image's name must be 1 to 255 characters",
  ],
  [
    "too little memory",
    ["upload", "a.img", "--memory", "1K"],
    2,
    "--memory must be at least one part",
  ],
  [
    "too many lanes",
    ["upload", "a.img", "--lanes", "99"],
    2,
    "--lanes must be a whole number from 1 to 32",
  ],
  [
    "no size",
    ["upload", "a.img", "--part-size", "big"],
    2,
    "Give a size such as 512K, 16M or 1.5G",
  ],
  [
    "one name for two files",
    ["upload", "a.img", "empty.img", "--name", "n"],
    2,
    "--name is for one file.",
  ],
  ["the same name twice", ["upload", "a.img", "x/a.img"], 2, "Two files have the name a.img."],
  ["a missing file", ["upload", "nothing.img"], 4, "There is no file nothing.img."],
] as const) {
  test(`${what} is refused with ${code} before anything is created`, async () => {
    const { img, file, server } = await script();
    file("empty.img", 0);
    file("a.img", MiB);
    const ran = await img(...args);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    expect(server.requests.create).toBe(0);
  });
}

test("a file that changed ends with 6, and --if-source-changed restart begins anew", async () => {
  const { img, file, server } = await script();
  file("a.img", 12 * MiB);
  server.faults.add({ on: "part", partId: 3, do: "answer", status: 400, times: 1 });
  expect((await img("upload", "a.img", "--part-size", "5M", "--lanes", "1")).code).toBe(1);
  const sha256 = file("a.img", 11 * MiB);
  const changed = await img("upload", "a.img");
  expect(changed.code).toBe(6);
  expect(changed.stderr).toContain("add: --if-source-changed restart".slice(5));
  expect(changed.stderr).not.toContain("ifSourceChanged");
  const { events } = await img("upload", "a.img", "--if-source-changed", "restart", "--json");
  expect(events.at(-1)).toMatchObject({ event: "completed", sha256 });
});

test("a file that was only touched goes on", async () => {
  const { img, file, server, dir } = await script();
  file("a.img", 12 * MiB);
  server.faults.add({ on: "part", partId: 3, do: "answer", status: 400, times: 1 });
  await img("upload", "a.img", "--part-size", "5M", "--lanes", "1");
  utimesSync(join(dir, "a.img"), 1, 1);
  const { code, events } = await img("upload", "a.img", "--json");
  expect(code).toBe(0);
  expect(events.at(-1)).toMatchObject({ resumed: true, sentBytes: 2 * MiB });
});

test("an image that was deleted meanwhile ends with 4, and --if-image-gone restart begins anew", async () => {
  const { img, file, server } = await script();
  file("a.img", 2 * MiB);
  server.faults.add({ on: "part", do: "answer", status: 400 });
  await img("upload", "a.img");
  await img("delete", "a.img");
  const gone = await img("upload", "a.img");
  expect(gone.code).toBe(4);
  expect(gone.stderr).toContain("--if-image-gone restart");
  expect((await img("upload", "a.img", "--if-image-gone", "restart")).code).toBe(0);
});

test("an image that is no raw one is uploaded with a warning", async () => {
  const { img, file } = await script();
  file("a.qcow2", Buffer.from("QFI\xfb and so on", "latin1"));
  const ran = await img("upload", "a.qcow2");
  expect(ran.code).toBe(0);
  expect(ran.stderr).toBe(
    "a.qcow2: This is a qcow2 image, and the service boots raw ones: qemu-img convert -O raw IN OUT\n",
  );
});

test("a token that the service does not accept ends with 3, and nothing shows it", async () => {
  const { img, file, env } = await script();
  file("a.img", MiB);
  env["SFC_BEARER_AUTH"] = "another-token-9876543210";
  const ran = await img("upload", "a.img", "--verbose");
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain("img: The service does not accept the token.\n");
  expect(ran.stderr).not.toContain("another-token");
});

test("a token that is revoked in the middle ends with 3 and the command that goes on", async () => {
  const { img, file, server } = await script();
  file("a.img", 12 * MiB);
  server.faults.add({ on: "partUrl", nth: 3, times: Infinity, do: "answer", status: 401 });
  const ran = await img("upload", "a.img", "--part-size", "5M", "--lanes", "1", "--json");
  expect(ran.code).toBe(3);
  expect(ran.error).toMatchObject({
    event: "error",
    code: "NOT_AUTHORIZED",
    resume: "img upload a.img --part-size 5M --lanes 1 --json",
  });
});

test("a server that is not there ends with 75 and the command that goes on", async () => {
  const { img, file, server } = await script();
  file("a.img", MiB);
  await server.close();
  const ran = await img("upload", "a.img", "--retry-for", "0.5s");
  expect(ran.code).toBe(75);
  expect(ran.stderr).toContain("img: No progress (preparing)");
  expect(ran.stderr).toContain("     Go on with: img upload a.img --retry-for 0.5s\n");
});

test("an error's stack is shown with --verbose, and only then", async () => {
  const { img, file, server } = await script();
  file("a.img", MiB);
  server.faults.add({ on: "create", do: "answer", status: 400, times: Infinity });
  expect((await img("upload", "a.img")).stderr).not.toMatch(/^ +at /m);
  expect((await img("upload", "a.img", "--verbose")).stderr).toMatch(/^ +at /m);
});

test("--dry-run tells the plan and does nothing", async () => {
  const { img, file, server } = await script();
  file("a.img", 12 * MiB);
  const { code, events } = await img("upload", "a.img", "--dry-run", "--part-size", "5M", "--json");
  expect(code).toBe(0);
  expect(events).toEqual([
    {
      event: "plan",
      file: "a.img",
      name: "a.img",
      sizeBytes: 12 * MiB,
      allocatedBytes: expect.any(Number) as unknown,
      type: "raw",
      partBytes: 5 * MiB,
      parts: 3,
      lanes: 3,
      memoryBytes: 15 * MiB,
      resume: null,
      taken: null,
      same: null,
    },
  ]);
  expect(server.requests.create).toBe(0);
});

test("--dry-run tells what is there already, and a same image under another name", async () => {
  const { img, file, server, dir } = await script();
  file("a.img", 12 * MiB);
  file("b.img", readFileSync(join(dir, "a.img")));
  await img("upload", "b.img");
  server.faults.add({ on: "part", partId: 3, do: "answer", status: 400 });
  await img("upload", "a.img", "--part-size", "5M", "--lanes", "1");
  const ran = await img("upload", "a.img", "--dry-run");
  expect(ran.stderr).toBe("");
  expect(ran.stdout).toContain("  plan    3 parts of 5.00 MiB, 3 at once");
  expect(ran.stdout).toContain("  resume  10.0 of 12.0 MiB are there already (2 parts)\n");
  expect(ran.stdout).toMatch(/ {2}same {4}b\.img \(image_[^)]+\) has the very same bytes\n/);
});
