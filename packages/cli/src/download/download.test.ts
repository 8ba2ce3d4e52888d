import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { MiB, script, sha256Of, type Script } from "../testing/script.js";

async function withImage(): Promise<Script & { sha256: string; id: string }> {
  const made = await script();
  const sha256 = made.file("a.img", 6 * MiB);
  const { events } = await made.img("upload", "a.img", "--name", "debian", "--json");
  return { ...made, sha256, id: String(events.at(-1)!["id"]) };
}

const sha256In = (dir: string, name: string): string => sha256Of(readFileSync(join(dir, name)));

test("img download NAME makes a file of that name, verified", async () => {
  const { img, dir, sha256, id } = await withImage();
  const ran = await img("download", "debian");
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.lines[0]).toMatch(/^Downloaded debian to debian: 6\.00 MiB \(.* s, .*\/s\)$/);
  expect(ran.lines.slice(1)).toEqual([`  id      ${id}`, `  sha256  ${sha256} (verified)`]);
  expect(sha256In(dir, "debian")).toBe(sha256);
});

test("an id gets a file of the image's name, and a folder gets it inside", async () => {
  const { img, dir, sha256, id } = await withImage();
  mkdirSync(join(dir, "images"));
  const { events } = await img("download", id, "images", "--json");
  expect(events.at(-1)).toEqual({
    event: "completed",
    id,
    name: "debian",
    sha256,
    sizeBytes: 6 * MiB,
    receivedBytes: 6 * MiB,
    resumed: false,
    elapsedMs: expect.any(Number) as unknown,
    verified: true,
    file: "images/debian",
  });
  expect(sha256In(dir, "images/debian")).toBe(sha256);
});

// fault A14
test("an image whose name is a path to another folder is refused, and nothing is written", async () => {
  const { img, dir, server, id } = await withImage();
  const before = readdirSync(dir);
  const name = `../${basename(dir)}-escaped`;
  server.faults.add({ on: "get", times: Infinity, do: "edit", json: { name } });
  const ran = await img("download", id);
  expect(ran.code).not.toBe(0);
  expect(ran.stderr).toContain("name");
  expect(server.requests.download).toBe(0);
  expect(readdirSync(dir)).toEqual(before);
  expect(existsSync(`${dir}-escaped`)).toBe(false);
});

test("an existing file is kept, and the command ends with 5, unless --overwrite is given", async () => {
  const { img, dir, file, sha256 } = await withImage();
  file("b.img", "precious");
  const ran = await img("download", "debian", "b.img");
  expect(ran.code).toBe(5);
  expect(ran.stderr).toMatch(
    /^img: \S+b\.img is already there\.\n {5}Choose another path, or replace a file with --overwrite\.\n$/,
  );
  expect(readFileSync(join(dir, "b.img"), "utf8")).toBe("precious");
  expect((await img("download", "debian", "b.img", "--overwrite")).code).toBe(0);
  expect(sha256In(dir, "b.img")).toBe(sha256);
});

test("zeros become holes, and --no-sparse writes them", async () => {
  const { img, file, dir } = await script();
  file("zeros.img", Buffer.alloc(8 * MiB));
  await img("upload", "zeros.img");
  const blocksOf = (name: string): number => statSync(join(dir, name)).blocks;
  await img("download", "zeros.img", "sparse.img");
  await img("download", "zeros.img", "full.img", "--no-sparse");
  expect(blocksOf("sparse.img")).toBeLessThan(blocksOf("full.img"));
});

test("an image that does not exist ends with 4", async () => {
  const { img } = await script();
  const ran = await img("download", "nothing");
  expect(ran.code).toBe(4);
  expect(ran.stderr).toBe(
    'img: No image has the id or name "nothing".\n     To list your images: img list\n',
  );
});

test("a digest that differs from the service's ends with 7, and no file appears", async () => {
  const { img, dir, server } = await withImage();
  server.faults.add({
    on: "downloadUrl",
    do: "edit",
    json: { sha256: "0".repeat(64) },
    times: Infinity,
  });
  const ran = await img("download", "debian", "b.img");
  expect(ran.code).toBe(7);
  expect(ran.stderr).toContain("     Nothing was put in place. Try again;");
  expect(existsSync(join(dir, "b.img"))).toBe(false);
});

test("an upload that is not finished cannot be downloaded: 4", async () => {
  const { img, file, server } = await script();
  file("a.img", MiB);
  server.faults.add({ on: "part", do: "answer", status: 400 });
  await img("upload", "a.img");
  const ran = await img("download", "a.img", "b.img");
  expect(ran.code).toBe(4);
  expect(ran.stderr).toContain("Finish its upload");
});

for (const [what, args, message] of [
  ["a folder that is not there", ["download", "debian", "no/b.img"], "There is no folder"],
  ["what is neither id nor name", ["download", "../etc"], "must be an image's id or name"],
] as const) {
  test(`${what} is refused with 2`, async () => {
    const { img } = await script();
    const ran = await img(...args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
  });
}
