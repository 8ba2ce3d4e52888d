import { expect } from "vitest";
import { realFileSystem } from "@img/files";
import { onSmallDisk } from "../../../node-fs/src/testing/on-small-disk.js";
import { bytesFrom, MiB, serve } from "../testing/real-server.js";

const part = bytesFrom("part", 1000);

/**
 * These disks are smaller than the space that the server reserves for its records, so the check is switched
 * off.
 */
const fileSystem = { ...realFileSystem, freeBytes: () => Promise.resolve(Infinity) };
const warn = () => undefined;

// fault D80
onSmallDisk("an image can be deleted when the disk is full", 2 * MiB, async (disk) => {
  const client = await serve({ dir: disk.folder, fileSystem, warn });
  const [id, other] = [await client.upload("a", [part]), await client.upload("b", [part])];
  await disk.fill();
  expect((await client.call("POST", "", { name: "c" })).status).toBe(500);
  expect((await client.call("DELETE", `/${id}`)).status).toBe(200);
  expect((await client.call("DELETE", `/${other}`)).status).toBe(200);
  expect((await client.call("GET", "")).json.data).toEqual([]);
});

// fault D80
onSmallDisk(
  "a server starts when the disk is full, and images can be deleted",
  2 * MiB,
  async (disk) => {
    const options = { dir: disk.folder, fileSystem, warn };
    const before = await serve(options);
    const id = await before.upload("a", [part]);
    await before.server.close();
    await disk.fill();
    const client = await serve(options);
    expect((await client.download(id)).body.equals(part)).toBe(true);
    expect((await client.call("DELETE", `/${id}`)).status).toBe(200);
  },
);

// fault D80
onSmallDisk("a full disk that has room again keeps a reserve again", 2 * MiB, async (disk) => {
  const options = { dir: disk.folder, fileSystem, warn };
  const client = await serve(options);
  const ids = [await client.upload("a", [part]), await client.upload("b", [part])];
  await disk.fill();
  expect((await client.call("DELETE", `/${ids[0]}`)).status).toBe(200);
  await disk.makeRoom();
  expect((await client.call("DELETE", `/${ids[1]}`)).status).toBe(200);
  const id = await client.upload("c", [part]);
  await disk.fill();
  expect((await client.call("DELETE", `/${id}`)).status).toBe(200);
});
