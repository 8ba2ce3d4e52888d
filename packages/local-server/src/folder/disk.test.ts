import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type FileSystem, type OpenFile, realFileSystem } from "@img/files";
import { bytesFrom, expectXml, serve, sha256, temporaryFolder } from "../testing/real-server.js";

const part = bytesFrom("part", 1000);

type Operation = keyof FileSystem | keyof OpenFile;

/** Returns the real disk, on which the operation that `failing` names fails until it is changed. */
function failingDisk(): { fileSystem: FileSystem; failing: { at: Operation | undefined } } {
  const failing: { at: Operation | undefined } = { at: undefined };
  const guarded = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name) {
        const real: unknown = Reflect.get(object, name);
        if (typeof real !== "function") return real;
        return async (...args: unknown[]) => {
          if (failing.at === name)
            throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
          const value = (await Reflect.apply(real, object, args)) as unknown;
          return name === "open" ? guarded(value as OpenFile) : value;
        };
      },
    });
  return { fileSystem: guarded(realFileSystem), failing };
}

test.each(["open", "write", "datasync", "rename", "syncDir"] as const)(
  "a part of which %s fails is a 500, leaves nothing, and can be sent again",
  async (operation) => {
    const { fileSystem, failing } = failingDisk();
    const lines: string[] = [];
    const client = await serve({ fileSystem, warn: (line) => lines.push(line) });
    const id = await client.create("a");
    await client.partUrl(id, 1);
    failing.at = operation;
    const refused = await client.put(id, 1, part);
    expectXml(refused, 500, "InternalError");
    failing.at = undefined;
    const request = refused.headers["x-request-id"];
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { time: expect.any(String) as unknown, failed: "Error: EIO: i/o error", request },
    ]);
    expect(refused.body.toString()).toContain(`request ${String(request)}.`);
    expect(await readdir(join(client.dir, "images", id))).toEqual(["image.json"]);
    expect((await client.put(id, 1, part)).status).toBe(200);
    expect((await client.complete(id, sha256(part))).status).toBe(200);
    expect((await client.download(id)).body.equals(part)).toBe(true);
  },
);

test.each(["mkdir", "open", "write", "datasync", "rename", "syncDir"] as const)(
  "a creation of which %s fails is a 500, and the name is free again",
  async (operation) => {
    const { fileSystem, failing } = failingDisk();
    const client = await serve({ fileSystem, warn: () => undefined });
    failing.at = operation;
    const failed = await client.call("POST", "", { name: "a" });
    expect([failed.status, failed.json.error.type]).toEqual([500, "api_error"]);
    failing.at = undefined;
    expect((await client.call("POST", "", { name: "a" })).status).toBe(201);
  },
);

test("a complete that could not be written does not count, and the next one does", async () => {
  const { fileSystem, failing } = failingDisk();
  const client = await serve({ fileSystem });
  const id = await client.create("a");
  await client.put(id, 1, part);
  failing.at = "rename";
  expect((await client.complete(id, sha256(part))).status).toBe(500);
  expect(await client.status(id)).toBe("uploading");
  failing.at = undefined;
  expect((await client.complete(id, sha256(part))).status).toBe(200);
});

test("a complete that failed, but may be on the disk, is undone before another part is accepted", async () => {
  let syncsLeft = Infinity;
  const syncDir = (path: string) =>
    syncsLeft-- === 1 ? Promise.reject(new Error("EIO")) : realFileSystem.syncDir(path);
  const dir = await temporaryFolder();
  const client = await serve({ dir, fileSystem: { ...realFileSystem, syncDir } });
  const id = await client.create("a");
  await client.put(id, 1, part);
  syncsLeft = 2; // the manifest's succeeds, the record's does not
  expect((await client.complete(id, sha256(part))).status).toBe(500);
  const other = bytesFrom("other", 1000);
  expect((await client.put(id, 1, other)).status).toBe(200);
  await client.server.close();

  const after = await serve({ dir });
  expect(await after.status(id)).toBe("uploading");
  expect((await after.complete(id, sha256(other))).status).toBe(200);
  expect((await after.download(id)).body.equals(other)).toBe(true);
});

test("a download whose bytes can't be read is cut, and never continues with others", async () => {
  const { fileSystem, failing } = failingDisk();
  const client = await serve({ fileSystem });
  const id = await client.upload("a", [part]);
  const url = await client.downloadUrl(id);
  failing.at = "read";
  await expect(client.download(id)).rejects.toThrow();
  failing.at = undefined;
  expect(url).toContain(id);
  expect((await client.download(id)).body.equals(part)).toBe(true);
});

test("a part for which the disk has no room is refused before it is read", async () => {
  const fileSystem = { ...realFileSystem, freeBytes: () => Promise.resolve(1000) };
  const client = await serve({ fileSystem });
  const id = await client.create("a");
  expectXml(await client.put(id, 1, part), 507, "InsufficientStorage");
});

test("bytes of a deleted image that cannot be removed are reported", async () => {
  const { fileSystem, failing } = failingDisk();
  const lines: string[] = [];
  const client = await serve({ fileSystem, warn: (line) => lines.push(line) });
  const id = await client.upload("a", [part]);
  failing.at = "unlink";
  expect((await client.call("DELETE", `/${id}`)).status).toBe(200);
  failing.at = undefined;
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { time: expect.any(String) as unknown, sweepFailed: "Error: EIO: i/o error", image: id },
  ]);
});

test("failures go to standard error, where no option takes them", async () => {
  const { fileSystem, failing } = failingDisk();
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  const client = await serve({ fileSystem });
  failing.at = "mkdir";
  const { headers } = await client.call("POST", "", { name: "a" });
  expect(written.mock.calls.map(([line]) => line)).toEqual([
    expect.stringMatching(
      new RegExp(`^{.*EIO.*"request":"${String(headers["x-request-id"])}"}\n$`),
    ),
  ]);
});

test("a store without a manifest fails, and says so on standard error", async () => {
  const lines: string[] = [];
  const client = await serve({ warn: (line) => lines.push(line) });
  const id = await client.upload("a", [part]);
  await realFileSystem.unlink(join(client.dir, "images", id, "manifest.json"));
  await expect(client.download(id)).rejects.toThrow();
});
