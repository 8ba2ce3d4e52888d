import { expect, test } from "vitest";
import { MiB, script } from "./testing/script.js";

test("img list is a table, newest first", async () => {
  const { img, file } = await script();
  file("a.img", MiB);
  const sha256 = file("b.img", MiB);
  await img("upload", "a.img", "b.img");
  const { code, lines } = await img("list");
  expect(code).toBe(0);
  expect(lines[0]).toMatch(/^NAME +ID +STATUS +CREATED +SHA256$/);
  expect(lines[1]).toMatch(
    new RegExp(`^b\\.img +image_\\S+ +completed +just now +${sha256.slice(0, 12)}$`),
  );
  expect(lines[2]).toMatch(/^a\.img /);
  expect(lines).toHaveLength(3);
});

test("img list --json prints an image a line", async () => {
  const { img, file } = await script();
  const sha256 = file("a.img", MiB);
  await img("upload", "a.img");
  expect((await img("list", "--json")).events).toEqual([
    {
      object: "image",
      id: expect.stringMatching(/^image_/) as unknown,
      name: "a.img",
      uploadStatus: "completed",
      createdAt: expect.any(Number) as unknown,
      sha256,
    },
  ]);
});

test("img list --limit prints at most so many, and --deleted those that are gone too", async () => {
  const { img, file } = await script();
  for (const name of ["a", "b", "c"]) file(name, 1);
  await img("upload", "a", "b", "c");
  await img("delete", "c");
  const namesOf = async (...args: string[]): Promise<unknown[]> =>
    (await img("list", "--json", ...args)).events.map(({ name }) => name);
  expect(await namesOf()).toEqual(["b", "a"]);
  expect(await namesOf("--limit", "1")).toEqual(["b"]);
  expect(await namesOf("--deleted")).toEqual(["c", "b", "a"]);
});

test("img show tells all about an image, by name and by id", async () => {
  const { img, file } = await script();
  const sha256 = file("a.img", MiB);
  const { events } = await img("upload", "a.img", "--json");
  const id = String(events.at(-1)!["id"]);
  const byName = await img("show", "a.img");
  expect(byName.lines).toEqual([
    "name    a.img",
    `id      ${id}`,
    "status  completed",
    "size    1.00 MiB (1048576 bytes)",
    expect.stringMatching(/^created \d{4}-\d\d-\d\dT[\d:.]+Z, just now$/),
    `sha256  ${sha256}`,
  ]);
  expect((await img("show", id)).stdout).toBe(byName.stdout);
  expect((await img("show", id, "--json")).events).toMatchObject([{ id, sizeBytes: MiB, sha256 }]);
});

test("img show of nothing ends with 4, as JSON where that is asked for", async () => {
  const { img } = await script();
  const ran = await img("show", "nothing", "--json");
  expect(ran).toMatchObject({ code: 4, stdout: "" });
  expect(ran.error).toEqual({
    event: "error",
    code: "IMAGE_NOT_FOUND",
    message: 'No image has the id or name "nothing".',
    exitCode: 4,
    hint: "See what there is with: img list",
  });
});

test("img delete takes an id or a name, and asks only where somebody can answer", async () => {
  const { img, file } = await script();
  file("a.img", 1);
  file("b.img", 1);
  const { events } = await img("upload", "a.img", "b.img", "--json");
  const id = String(
    events.find(({ event, name }) => event === "completed" && name === "a.img")!["id"],
  );
  expect(await img("delete", id)).toMatchObject({ code: 0, stdout: `Deleted a.img (${id})\n` });
  expect((await img("delete", "b.img", "--yes", "--json")).events).toEqual([
    { event: "deleted", id: expect.stringMatching(/^image_/) as unknown, name: "b.img" },
  ]);
  expect((await img("delete", "b.img")).code).toBe(4);
});

test("img delete refuses what is one image's id and another's name, and takes --by-name or --by-id", async () => {
  const { img, file } = await script();
  file("a.img", 1);
  const { events } = await img("upload", "a.img", "--json");
  const id = String(events.at(-1)!["id"]);
  // The name of an image may look like an id.
  await img("upload", "a.img", "--name", id);
  const ran = await img("delete", id);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("     Say which one with --by-id or --by-name.\n");
  expect((await img("delete", id, "--by-name")).stdout).toMatch(
    new RegExp(`^Deleted ${id} \\(image_`),
  );
  expect((await img("delete", id)).stdout).toBe(`Deleted a.img (${id})\n`);
});

test("an image that is in use is not deleted: 5", async () => {
  const { img, file, server } = await script();
  file("a.img", 1);
  await img("upload", "a.img");
  server.faults.add({ on: "delete", do: "answer", status: 409 });
  expect((await img("delete", "a.img")).code).toBe(5);
});

test("a server that is not there ends with 75 at once", async () => {
  const { img, server } = await script();
  await server.close();
  const ran = await img("list");
  expect(ran.code).toBe(75);
  expect(ran.stderr).toMatch(/^img: .*ECONNREFUSED.*\n {5}Check the address/);
});

test("an answer of a proxy is told in a line", async () => {
  const { img, server } = await script();
  const body = `<html>${"long ".repeat(1000)}https://store/x?signature=secret</html>`;
  server.faults.add({ on: "list", do: "answer", status: 502, body, times: Infinity });
  const ran = await img("list");
  expect(ran.code).toBe(75);
  expect(ran.stderr.length).toBeLessThan(800);
  expect(ran.stderr).not.toContain("secret");
}, 30_000);

test("a whole round trip shows neither the token nor a URL's query, however much is told", async () => {
  const { img, file, env } = await script();
  file("a.img", MiB);
  const said = await Promise.all([img("upload", "a.img", "--json", "-v"), img("doctor", "-v")]);
  said.push(await img("show", "a.img", "--json", "-v"), await img("download", "a.img", "b", "-v"));
  const all = said.map(({ stdout, stderr }) => stdout + stderr).join("");
  expect(all).not.toContain(env["SFC_BEARER_AUTH"]);
  expect(all).not.toMatch(/signature|expires=/);
});

test("a reader that has seen enough ends it without a word", async () => {
  const { start, file, img } = await script();
  file("a.img", 1);
  await img("upload", "a.img");
  const running = start("list");
  running.process.stdout!.destroy();
  const { stderr } = await running.done;
  expect(stderr).toBe("");
});
