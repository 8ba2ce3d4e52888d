import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bytesFrom, serve, temporaryFolder } from "../testing/real-server.js";
import type { Client } from "../testing/real-server.js";

const part = bytesFrom("part", 1000);
const dayMs = 86_400_000;

const deletedNames = async (client: Client): Promise<readonly string[]> => {
  const { data } = (await client.call("GET", "?include_deleted=true&limit=200")).json;
  return data.map(({ name }) => name);
};

async function uploadAndDelete(client: Client, name: string): Promise<void> {
  const id = await client.upload(name, [part]);
  expect((await client.call("DELETE", `/${id}`)).status).toBe(200);
}

test("a deleted image has no folder after a restart, and lists still show it", async () => {
  const dir = await temporaryFolder();
  const before = await serve({ dir });
  for (const name of ["a", "b", "c"]) await uploadAndDelete(before, name);
  expect(await deletedNames(before)).toEqual(["c", "b", "a"]);
  await before.server.close();
  expect(await readdir(join(dir, "images"))).toEqual([]);
  const after = await serve({ dir });
  expect(await deletedNames(after)).toEqual(["c", "b", "a"]);
  expect((await after.call("POST", "", { name: "a" })).status).toBe(201);
});

test("folders of deleted images are removed while the server runs", async () => {
  const client = await serve();
  for (let n = 0; n < 64; n++) await uploadAndDelete(client, `image-${n}`);
  expect(await readdir(join(client.dir, "images"))).toEqual([]);
  expect(await deletedNames(client)).toHaveLength(64);
});

test("the record of a deleted image is removed deletedTtlDays after the deletion", async () => {
  const dir = await temporaryFolder();
  let nowMs = Date.now();
  const options = { dir, clock: () => nowMs, deletedTtlDays: 2 };
  const first = await serve(options);
  const late = await first.upload("late", [part]);
  await uploadAndDelete(first, "early");
  nowMs += 2 * dayMs - 60_000;
  await first.call("DELETE", `/${late}`);
  await first.server.close();
  const second = await serve(options);
  expect(await deletedNames(second)).toEqual(["early", "late"]);
  await second.server.close();

  nowMs += 120_000;
  const third = await serve(options);
  expect(await deletedNames(third)).toEqual(["late"]);
  await third.server.close();
  expect(await readFile(join(dir, "deleted.jsonl"), "utf8")).not.toContain("early");
});

test("a deletion by an earlier version, which did not write its time, counts from the first start", async () => {
  const dir = await temporaryFolder();
  const before = await serve({ dir });
  const id = await before.upload("old", [part]);
  await before.server.close();
  const path = join(dir, "images", id, "image.json");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace('"deleted":false', '"deleted":true'));
  const after = await serve({ dir });
  expect(await deletedNames(after)).toEqual(["old"]);
  expect(await readdir(join(dir, "images"))).toEqual([]);
});

test("half a line, left by a crash, is ignored, and the next deletion is complete", async () => {
  const dir = await temporaryFolder();
  const before = await serve({ dir });
  await uploadAndDelete(before, "a");
  await before.server.close();
  const path = join(dir, "deleted.jsonl");
  await appendFile(path, (await readFile(path, "utf8")).slice(0, 40));
  const between = await serve({ dir });
  expect(await deletedNames(between)).toEqual(["a"]);
  await uploadAndDelete(between, "b");
  await between.server.close();
  expect(await deletedNames(await serve({ dir }))).toEqual(["b", "a"]);
});

test("a damaged line is reported, and the server starts with all others", async () => {
  const dir = await temporaryFolder();
  const before = await serve({ dir });
  for (const name of ["a", "b", "c"]) await uploadAndDelete(before, name);
  await before.server.close();
  const path = join(dir, "deleted.jsonl");
  const lines = (await readFile(path, "utf8")).split("\n");
  await writeFile(path, [lines[0], "\u0000\u0000{", lines[2], ""].join("\n"));
  const told: string[] = [];
  const between = await serve({ dir, warn: (line) => told.push(line) });
  expect(told).toEqual([expect.stringContaining("1 lines of")]);
  expect(await deletedNames(between)).toEqual(["c", "a"]);
  await uploadAndDelete(between, "d");
  await between.server.close();
  expect(await deletedNames(await serve({ dir, warn: (line) => told.push(line) }))).toEqual([
    "d",
    "c",
    "a",
  ]);
  expect(told).toHaveLength(1);
});
