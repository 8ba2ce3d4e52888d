import { mkdir, readdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request as httpRequest } from "node:http";
import { expect, test } from "vitest";
import { StoreLockedError } from "./store-lock.js";
import { startServer } from "../server.js";
import { serveElsewhere } from "../testing/other-process.js";
import {
  bytesFrom,
  md5,
  MiB,
  request,
  serve,
  sha256,
  temporaryFolder,
} from "../testing/real-server.js";

const first = bytesFrom("first", 5 * MiB);
const second = bytesFrom("second", 1000);
const whole = Buffer.concat([first, second]);

test("images, parts, names and presigned URLs survive a restart, also with another token", async () => {
  const dir = await temporaryFolder();
  const before = await serve({ dir, token: "first-token" });
  const done = await before.upload("done", [first, second]);
  const open = await before.create("open");
  await before.put(open, 1, first);
  const gone = await before.create("gone");
  await before.call("DELETE", `/${gone}`);
  const [get, put] = [await before.downloadUrl(done), await before.partUrl(open, 2)];
  const { etag } = (await request(get)).headers;
  await before.server.close();

  const after = await serve({ dir, token: "second-token" });
  const moved = (url: string) => url.replace(before.url, after.url);
  const download = await request(moved(get));
  expect([download.headers.etag, download.body.equals(whole)]).toEqual([etag, true]);
  expect((await request(moved(put), { method: "PUT", body: second })).status).toBe(200);
  expect((await after.complete(open, sha256(whole))).status).toBe(200);
  expect((await after.download(open)).body.equals(whole)).toBe(true);
  const { data } = (await after.call("GET", "?include_deleted=true")).json;
  expect(data.map((image) => image.name)).toEqual(["gone", "open", "done"]);
  expect((await after.call("POST", "", { name: "open" })).status).toBe(409);
  expect((await after.call("POST", "", { name: "gone" })).status).toBe(201);
});

test("an image that was made before there were workspaces is in the default one, under its name", async () => {
  const dir = await temporaryFolder();
  const before = await serve({ dir });
  const id = await before.upload("old", [second]);
  await before.server.close();
  const path = join(dir, "images", id, "image.json");
  const { workspace, ...record } = JSON.parse(await readFile(path, "utf8")) as Record<
    string,
    unknown
  >;
  expect(workspace).toBe("default");
  await writeFile(path, JSON.stringify(record));

  const after = await serve({ dir });
  expect((await after.call("GET", "")).json.data).toMatchObject([{ id, name: "old" }]);
  const preview = after.inPreview("sfc:workspace:default:default");
  expect((await preview.call("GET", "/old")).json).toMatchObject({ id, workspace: "default" });
  expect((await after.call("POST", "", { name: "old" })).status).toBe(409);
  expect((await after.download(id)).body.equals(second)).toBe(true);
});

test("workspaces and revoked images survive a restart", async () => {
  const dir = await temporaryFolder();
  const before = await serve({ dir, workspaces: ["ci"] });
  const ci = before.inPreview("sfc:workspace:default:ci");
  const id = await ci.upload("a", [second]);
  await before.upload("a", [second]);
  expect((await ci.call("POST", `/${id}/revoke`)).status).toBe(200);
  await before.server.close();

  const after = (await serve({ dir, workspaces: ["ci"] })).inPreview(ci.workspace!);
  const { data } = (await after.call("GET", `?workspace=${ci.workspace!}`)).json;
  expect(data).toMatchObject([{ id, upload_status: "revoked", workspace: "ci" }]);
  expect((await after.call("POST", `/${id}/reinstate`)).status).toBe(200);
  expect((await after.download(id)).body.equals(second)).toBe(true);
});

test("what was answered before a kill -9 is there after it, and nothing is half done", async () => {
  const dir = await temporaryFolder();
  const killed = await serveElsewhere(dir);
  const { client } = killed;
  const done = await client.upload("done", [first, second]);
  const open = await client.create("open");
  await client.put(open, 1, first);
  const url = await client.partUrl(open, 2);
  const halfSent = httpRequest(url, { method: "PUT", headers: { "Content-Length": 5 * MiB } });
  halfSent.on("error", () => undefined);
  await new Promise<void>((resolve) => halfSent.write(first.subarray(0, MiB), () => resolve()));
  await expect.poll(() => readdir(join(dir, "images", open))).toHaveLength(3);
  expect(await killed.end("SIGKILL")).toBe("SIGKILL");

  const after = await serve({ dir });
  expect((await readdir(join(dir, "images", open))).sort()).toEqual([
    "image.json",
    `part-00001-0-${md5(first)}`,
  ]);
  expect((await after.download(done)).body.equals(whole)).toBe(true);
  expect(await after.status(open)).toBe("uploading");
  await after.put(open, 2, second);
  expect((await after.complete(open, sha256(whole))).status).toBe(200);
});

test("killed over and over while it is called, it loses nothing that it had answered", async () => {
  const dir = await temporaryFolder();
  const answered: string[] = [];
  for (let round = 0; round < 5; round++) {
    const killed = await serveElsewhere(dir);
    const forever = async () => {
      for (let n = 0; ; n++) answered.push(await killed.client.upload(`n${round}-${n}`, [second]));
    };
    const cut = expect(forever()).rejects.toThrow();
    const seen = answered.length;
    await expect.poll(() => answered.length).toBeGreaterThan(seen + round);
    await killed.end("SIGKILL");
    await cut;
  }
  const after = await serve({ dir });
  for (const id of answered) expect((await after.download(id)).body.equals(second)).toBe(true);
});

test("a folder that cannot be created is refused with a reason, and the system's error as cause", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  await expect(startServer({ dir: join(file, "images"), port: 0 })).rejects.toMatchObject({
    code: "FOLDER_UNUSABLE",
    message: `${join(file, "images")} can't be used to keep images: there is a file in place of a folder.`,
    cause: { code: "ENOTDIR" },
  });
});

test("a folder has one server at a time, and the error says which process that is", async () => {
  const dir = await temporaryFolder();
  const first = await serve({ dir });
  await expect(startServer({ dir, port: 0 })).rejects.toThrow(StoreLockedError);
  await expect(startServer({ dir, port: 0 })).rejects.toMatchObject({
    code: "STORE_LOCKED",
    pid: process.pid,
  });
  await first.server.close();
  await (await startServer({ dir, port: 0 })).close();
});

test.each([
  ["of a version that did not renew it", `{"pid":4194305,"born":""}`],
  ["that cannot be read", `{"pid":`],
])("a lock %s is taken over by force only", async (_, text) => {
  const dir = await temporaryFolder();
  await writeFile(join(dir, "lock"), text);
  const message = /may be serving .*start with --force/;
  await expect(startServer({ dir, port: 0 })).rejects.toThrow(message);
  const client = await serve({ dir, force: true });
  expect((await client.call("GET", "")).status).toBe(200);
});

test("several that start on one folder at once: one serves it", async () => {
  const dir = await temporaryFolder();
  const starts = await Promise.allSettled(
    Array.from({ length: 5 }, () => startServer({ dir, port: 0 })),
  );
  const started = starts.filter((start) => start.status === "fulfilled");
  await Promise.all(started.map(({ value }) => value.close()));
  expect(started).toHaveLength(1);
});

test("what a crash has left is removed at the start: half creations, temporary files, replaced parts", async () => {
  const dir = await temporaryFolder();
  const before = await serve({ dir });
  const open = await before.create("open");
  await before.put(open, 1, first);
  await before.put(open, 1, second);
  const deleted = await before.create("deleted");
  const deletedPath = join(dir, "images", deleted);
  const record = await readFile(join(deletedPath, "image.json"), "utf8");
  await before.call("DELETE", `/${deleted}`);
  const half = await before.create("half");
  await before.server.close();
  await unlink(join(dir, "images", half, "image.json"));
  await writeFile(join(dir, "images", open, `part-00001-0-${md5(first)}`), first);
  await writeFile(join(dir, "images", open, "unfinished-0"), first);
  await mkdir(deletedPath);
  await writeFile(join(deletedPath, "image.json"), record.replace(/}$/, ',"deleted":true}'));
  await writeFile(join(deletedPath, `part-00001-0-${md5(first)}`), first);

  const after = await serve({ dir, maxStoreBytes: 2 * second.length });
  expect(await readdir(join(dir, "images"))).toEqual([open]);
  expect((await after.complete(open, sha256(second))).status).toBe(200);
  expect((await after.download(open)).body.equals(second)).toBe(true);
  expect((await after.call("POST", "", { name: "half" })).status).toBe(201);
});

test("an unfinished image without a new part is removed after its time", async () => {
  const dayMs = 86_400_000;
  const dir = await temporaryFolder();
  let nowMs = Date.now();
  const options = { dir, clock: () => nowMs, unfinishedTtlDays: 2 };
  const before = await serve(options);
  const done = await before.upload("done", [second]);
  const open = await before.create("open");
  await before.put(open, 1, second);
  await before.server.close();

  nowMs += 2 * dayMs - 60_000;
  const still = await serve(options);
  expect(await still.status(open)).toBe("uploading");
  await still.server.close();

  nowMs += 120_000;
  const after = await serve(options);
  expect((await after.call("GET", `/${open}`)).status).toBe(404);
  expect(await after.status(done)).toBe("completed");
  expect((await after.call("POST", "", { name: "open" })).status).toBe(201);
});

test("no other user can read the signing key and the images", async () => {
  const client = await serve();
  const id = await client.upload("a", [second]);
  const mode = async (...path: string[]) => (await stat(join(client.dir, ...path))).mode & 0o777;
  expect(await mode("url-key")).toBe(0o600);
  expect(await mode("images")).toBe(0o700);
  expect(await mode("images", id, `part-00001-0-${md5(second)}`)).toBe(0o600);
  const kept = await readFile(join(client.dir, "images", id, "image.json"), "utf8");
  expect(kept).not.toContain(client.token);
});
