import { utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MiB, script, token } from "../testing/script.js";

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
    already: false,
    resumed: false,
    verified: false,
    elapsedMs: expect.any(Number) as unknown,
    file: "a.img",
  });
  expect(events[0]).toMatchObject({ event: "progress", name: "other" });
});

test("--quiet prints nothing if the upload succeeds", async () => {
  const { img, file } = await script();
  file("a.img", 1);
  expect(await img("upload", "a.img", "--quiet")).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "",
  });
});

test("--verbose prints each call and each part, and no secret", async () => {
  const { img, file } = await script();
  file("a.img", 6 * MiB);
  const ran = await img("upload", "a.img", "--verbose", "--part-size", "5M");
  expect(ran.code).toBe(0);
  expect(ran.stderr).toContain("a.img: POST /v2/images: 201\n");
  expect(ran.stderr).toContain("a.img: part 2 is there, 1.00 MiB\n");
  expect(ran.stdout + ran.stderr).not.toMatch(new RegExp(`${token}|signature|expires=`));
});

test("several files are uploaded at the same time, each under its own name", async () => {
  const { img, file } = await script();
  for (const name of ["a.img", "b.img", "c.img"]) file(name, MiB);
  const { code, events } = await img("upload", "a.img", "b.img", "c.img", "--json");
  expect(code).toBe(0);
  const completed = events.filter(({ event }) => event === "completed");
  expect(completed.map(({ name }) => name).sort()).toEqual(["a.img", "b.img", "c.img"]);
});

test("of several files, each event and each call names its own", async () => {
  const { img, file } = await script();
  const names = ["a.img", "b.img", "c.img"];
  for (const name of names) file(name, 6 * MiB);
  const { events } = await img("upload", ...names, "--json", "-v", "--part-size", "5M");
  for (const name of names) {
    const own = events.filter((event) => event["file"] === name);
    const calls = own.filter(({ event }) => event === "call").map(({ call }) => call);
    const kinds = new Set(own.map(({ event }) => event));
    expect([...kinds]).toEqual(expect.arrayContaining(["progress", "part", "call", "completed"]));
    expect(calls).toContain("POST /v2/images");
  }
});

test("one of several that fails does not stop the others, and decides the exit code", async () => {
  const { img, file, server } = await script();
  file("b.img", 2 * MiB);
  await img("upload", "b.img", "--quiet");
  for (const name of ["a.img", "b.img", "c.img"]) file(name, MiB);
  const ran = await img("upload", "a.img", "b.img", "c.img");
  expect(ran.code).toBe(5);
  expect(ran.stderr).toMatch(/^img: The name "b\.img" is taken/);
  expect(server.requests.complete).toBe(3);
});

test("a failure that would stop every file is printed once, and no further file begins", async () => {
  const { img, file, server } = await script();
  const names = Array.from({ length: 20 }, (_, index) => `${index}.img`);
  for (const name of names) file(name, 1000);
  server.faults.add({ on: "create", do: "answer", status: 401, times: Infinity });
  const ran = await img("upload", ...names);
  expect(ran.code).toBe(3);
  expect(ran.stderr.match(/^img: /gm)).toHaveLength(1);
  expect(server.requests.create).toBeLessThan(20);
});

test("a file that is missing ends an upload of several before any of them is sent", async () => {
  const { img, file, server } = await script();
  file("b.img", MiB);
  const ran = await img("upload", "a.img", "b.img");
  expect(ran.code).toBe(4);
  expect(ran.stderr).toBe("img: There is no file a.img.\n     Check the path.\n");
  expect(server.requests.create).toBe(0);
});

test("a name that is taken ends with 5 and says by what and what to do", async () => {
  const { img, file } = await script();
  file("a.img", MiB);
  const { events } = await img("upload", "a.img", "--json");
  file("a.img", 2 * MiB);
  const again = await img("upload", "a.img");
  expect(again.code).toBe(5);
  expect(again.stderr).toBe(
    `img: The name "a.img" is taken by image ${String(events.at(-1)!["id"])}, which is completed.\n` +
      "     Choose another with --name, or delete that image; if it may be this very file: --if-name-taken accept-same\n",
  );
});

test("--if-name-taken accept-same accepts the very same image, without sending it", async () => {
  const { img, file } = await script();
  file("a.img", MiB);
  await img("upload", "a.img");
  const { code, events } = await img("upload", "a.img", "--if-name-taken", "accept-same", "--json");
  expect(code).toBe(0);
  expect(events.at(-1)).toMatchObject({ event: "completed", sentBytes: 0 });
});

test("--if-name-taken replace-unfinished replaces an unfinished image", async () => {
  const { img, file, server, env, dir } = await script();
  file("a.img", MiB);
  server.faults.add({ on: "part", do: "answer", status: 400, times: Infinity });
  expect((await img("upload", "a.img")).code).toBe(1);
  env["XDG_STATE_HOME"] = `${dir}/.state-of-another-machine`;
  const taken = await img("upload", "a.img");
  expect(taken.code).toBe(5);
  expect(taken.stderr).toContain("--if-name-taken replace-unfinished");
});

test("a file that changed ends with 6, and --if-source-changed restart starts over", async () => {
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

test("a file that was only touched continues", async () => {
  const { img, file, server, dir } = await script();
  file("a.img", 12 * MiB);
  server.faults.add({ on: "part", partId: 3, do: "answer", status: 400, times: 1 });
  await img("upload", "a.img", "--part-size", "5M", "--lanes", "1");
  utimesSync(join(dir, "a.img"), 1, 1);
  const { code, events } = await img("upload", "a.img", "--json");
  expect(code).toBe(0);
  expect(events.at(-1)).toMatchObject({ resumed: true, sentBytes: 2 * MiB });
});

test("an image that was deleted meanwhile ends with 4, and --if-image-gone restart starts over", async () => {
  const { img, file, server } = await script();
  file("a.img", 2 * MiB);
  server.faults.add({ on: "part", do: "answer", status: 400 });
  await img("upload", "a.img");
  await img("delete", "a.img", "--yes");
  const gone = await img("upload", "a.img");
  expect(gone.code).toBe(4);
  expect(gone.stderr).toContain("--if-image-gone restart");
  expect((await img("upload", "a.img", "--if-image-gone", "restart")).code).toBe(0);
});

test("a compressed file that is sent as it is gets a warning", async () => {
  const { img, file } = await script();
  file("a.img.gz", Buffer.from("\x1f\x8b\x08 and so on", "latin1"));
  const ran = await img("upload", "a.img.gz", "--format", "raw");
  expect(ran.code).toBe(0);
  expect(ran.stderr).toBe(
    "a.img.gz: This is a gzip file, and --format raw sends it as it is. The service boots raw images: leave --format out.\n",
  );
});
