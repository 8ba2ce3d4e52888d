import { expect, test } from "vitest";
import type { FileSystem } from "../file-system.js";
import { ensureFolder } from "../atomic-file.js";
import { readFully, writeFully } from "../file-system.js";
import { readWhole } from "../regular-file.js";

const bytes = (text: string) => new TextEncoder().encode(text);

/**
 * The contract of every file system: of the real disk and of those of the crash tests. Without it, the crash
 * tests would prove nothing.
 */
export function fileSystemContract(open: () => { readonly fs: FileSystem; readonly root: string }) {
  const at = (name: string) => {
    const { fs, root } = open();
    return { fs, root, path: `${root}/${name}` };
  };
  const create = async (fs: FileSystem, path: string, contents: string): Promise<void> => {
    const file = await fs.open(path, "create", 0o600);
    await writeFully(file, bytes(contents), 0);
    await file.close();
  };

  test("what is written at a place is read there, and the gap before it is zeros", async () => {
    const { fs, path } = at("a");
    const file = await fs.open(path, "create");
    await writeFully(file, bytes("xyz"), 3);
    const into = new Uint8Array(8);
    expect(await readFully(file, into, 0)).toBe(6);
    expect(into).toEqual(new Uint8Array([0, 0, 0, 120, 121, 122, 0, 0]));
    await file.sync();
    await file.datasync();
    await file.close();
  });

  test("bytes may be changed in memory once they were written, also those of a Buffer", async () => {
    const { fs, path } = at("a");
    const file = await fs.open(path, "create");
    const written = Buffer.from("abc");
    await writeFully(file, written, 0);
    written.fill("x");
    await file.close();
    expect(await readWhole(fs, path)).toEqual(bytes("abc"));
  });

  test("a file is shortened, and lengthened with zeros", async () => {
    const { fs, path } = at("a");
    const file = await fs.open(path, "create");
    await writeFully(file, bytes("xyz"), 0);
    await file.truncate(1);
    expect(await file.stat()).toMatchObject({ type: "file", size: 1n, nlink: 1n });
    await file.truncate(3);
    await file.close();
    expect(await readWhole(fs, path)).toEqual(new Uint8Array([120, 0, 0]));
  });

  test("creating refuses what exists, updating and reading what does not", async () => {
    const { fs, path } = at("a");
    await create(fs, path, "1");
    await expect(fs.open(path, "create")).rejects.toMatchObject({ code: "EEXIST" });
    await expect(fs.open(`${path}b`, "update")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(fs.open(`${path}b`, "read")).rejects.toMatchObject({ code: "ENOENT" });
    const file = await fs.open(path, "update");
    await writeFully(file, bytes("2"), 1);
    await file.close();
    expect(await readWhole(fs, path)).toEqual(bytes("12"));
  });

  test("a rename replaces, a link does not", async () => {
    const { fs, root } = at("");
    await create(fs, `${root}/a`, "1");
    await create(fs, `${root}/b`, "2");
    const refused = fs.link(`${root}/a`, `${root}/b`);
    await expect(refused).rejects.toMatchObject({ code: "EEXIST" });
    await fs.rename(`${root}/a`, `${root}/b`);
    expect(await readWhole(fs, `${root}/b`)).toEqual(bytes("1"));
    await fs.link(`${root}/b`, `${root}/c`);
    expect((await fs.stat(`${root}/c`)).nlink).toBe(2n);
    await fs.unlink(`${root}/b`);
    expect(await fs.readdir(root)).toEqual(["c"]);
  });

  test("renaming over another name of the same file changes nothing, as POSIX has it", async () => {
    const { fs, root } = at("");
    await create(fs, `${root}/a`, "1");
    await fs.link(`${root}/a`, `${root}/b`);
    await fs.rename(`${root}/a`, `${root}/b`);
    expect([...(await fs.readdir(root))].sort()).toEqual(["a", "b"]);
  });

  test("an open file that was replaced, or deleted, has no name any more", async () => {
    const { fs, root } = at("");
    await create(fs, `${root}/a`, "1");
    await create(fs, `${root}/b`, "2");
    const file = await fs.open(`${root}/b`, "update");
    await fs.rename(`${root}/a`, `${root}/b`);
    expect((await file.stat()).nlink).toBe(0n);
    await writeFully(file, bytes("3"), 0);
    await file.close();
    expect(await readWhole(fs, `${root}/b`)).toEqual(bytes("1"));
  });

  test("what is missing is ENOENT, whatever is asked of it", async () => {
    const { fs, path } = at("missing");
    const calls = [fs.stat(path), fs.lstat(path), fs.unlink(path), fs.readdir(path)];
    calls.push(fs.rename(path, `${path}b`), fs.link(path, `${path}b`), fs.syncDir(path));
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: "rejected", reason: { code: "ENOENT" } });
    }
  });

  test("a folder is made with those above it, and again without an error", async () => {
    const { fs, root } = at("");
    await ensureFolder(fs, `${root}/x/y/z`, 0o700);
    await ensureFolder(fs, `${root}/x/y/z`, 0o700);
    await fs.syncDir(`${root}/x/y/z`);
    expect((await fs.stat(`${root}/x`)).type).toBe("directory");
    await expect(fs.mkdir(`${root}/x`, 0o700)).rejects.toMatchObject({ code: "EEXIST" });
    await expect(fs.mkdir(`${root}/v/w`, 0o700)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a folder is removed when it is empty, and not before", async () => {
    const { fs, path } = at("folder");
    await fs.mkdir(path, 0o700);
    await create(fs, `${path}/a`, "1");
    await expect(fs.rmdir(path)).rejects.toMatchObject({ code: "ENOTEMPTY" });
    await fs.unlink(`${path}/a`);
    await fs.rmdir(path);
    await expect(fs.stat(path)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a folder cannot be made where a file stands", async () => {
    const { fs, path } = at("a");
    await create(fs, path, "1");
    await expect(ensureFolder(fs, `${path}/b`, 0o700)).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  test("changing a file changes its times, and reading it does not", async () => {
    const { fs, path } = at("a");
    await create(fs, path, "1");
    const [first, again] = [await fs.stat(path), await fs.stat(path)];
    expect(again).toEqual(first);
    expect(await fs.lstat(path)).toEqual(first);
  });

  test("the free space is reported", async () => {
    const { fs, root } = at("");
    expect(await fs.freeBytes(root)).toBeGreaterThan(0);
  });
}
