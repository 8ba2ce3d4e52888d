import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { expandFiles } from "./expand-files.js";

/**
 * Makes a folder with the files `disks/a.img`, `disks/b.img` and `disks/b.txt`.
 *
 * @returns Its path, as this system writes it.
 */
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "img-patterns-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, "disks"));
  for (const name of ["a.img", "b.img", "b.txt"]) writeFileSync(join(dir, "disks", name), "");
  return dir;
}

test("on Windows a pattern has backslashes between its folders", async () => {
  const dir = folder();
  const pattern = `${dir}/disks/*.img`.replaceAll("/", "\\");
  const found = await expandFiles([pattern], "win32");
  expect(found.map((file) => file.replaceAll("\\", "/"))).toEqual(
    [`${dir}/disks/a.img`, `${dir}/disks/b.img`].map((file) => file.replaceAll("\\", "/")),
  );
});

test.runIf(process.platform !== "win32")(
  "elsewhere a backslash makes the next character an ordinary one",
  async () => {
    const dir = folder();
    expect(await expandFiles([`${dir}/disks/\\*.img`])).toEqual([`${dir}/disks/\\*.img`]);
    writeFileSync(join(dir, "disks/*.img"), "");
    expect(await expandFiles([`${dir}/disks/\\*.im[g]`])).toEqual([`${dir}/disks/*.img`]);
  },
);
