import { expect, test } from "vitest";
import { type FileSystem, realFileSystem } from "@img/files";
import { bytesFrom, request, serve, temporaryFolder } from "./testing/real-server.js";

const eightDaysMs = 8 * 86_400_000;

/** Returns a disk on which nothing can be written to the folder of that image. */
const failingFor = (id: () => string): FileSystem => ({
  ...realFileSystem,
  open: (path, how, mode) =>
    how === "create" && path.includes(id())
      ? Promise.reject(new Error("EIO: i/o error"))
      : realFileSystem.open(path, how, mode),
});

const sweepErrors = async (url: string): Promise<string | undefined> => {
  const { body } = await request(`${url}/metrics`);
  return /^img_sweep_errors_total (\d+)$/m.exec(body.toString())?.[1];
};

test("an old image that cannot be removed is reported and counted, and the others are removed", async () => {
  const dir = await temporaryFolder();
  const before = await serve({ dir });
  const [stuck, stale] = [await before.create("stuck"), await before.create("stale")];
  await before.put(stuck, 1, bytesFrom("part", 1000));
  await before.server.close();

  const lines: string[] = [];
  const clock = () => Date.now() + eightDaysMs;
  const warn = (line: string) => lines.push(line);
  const after = await serve({ dir, clock, warn, fileSystem: failingFor(() => stuck) });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { time: expect.any(String) as unknown, sweepFailed: "Error: EIO: i/o error", image: stuck },
  ]);
  expect(await sweepErrors(after.url)).toBe("1");
  expect(await after.status(stuck)).toBe("uploading");
  expect((await after.call("GET", `/${stale}`)).status).toBe(404);
  await after.server.close();

  const fixed = await serve({ dir, clock });
  expect(await sweepErrors(fixed.url)).toBe("0");
  expect((await fixed.call("GET", `/${stuck}`)).status).toBe(404);
});
