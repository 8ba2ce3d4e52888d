import { realFileSystem } from "@img/files";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openFileSink, type FileSink } from "./file-sink.js";

const refusing = (code: string, more: Partial<typeof realFileSystem> = {}) => ({
  ...realFileSystem,
  link: () => Promise.reject(Object.assign(new Error(code), { code })),
  ...more,
});

/** A whole image, not yet under its name. */
async function written(fs: typeof realFileSystem): Promise<{ folder: string; sink: FileSink }> {
  const folder = await mkdtemp(join(tmpdir(), "img-sink-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const sink = await openFileSink(join(folder, "a.img"), { overwrite: false, sparse: true }, fs);
  onTestFinished(() => sink.close());
  await sink.prepare({ sizeBytes: 3, missingBytes: 3 }, false);
  await sink.write(0, Buffer.from("abc"), new AbortController().signal);
  await sink.sync();
  return { folder, sink };
}

// fault D08
test.each(["EPERM", "EACCES", "EXDEV", "EINVAL", "EMLINK", "ENOTSUP", "ENOSYS"])(
  "a target on a disk that refuses a hard link with %s gets its name by a rename",
  async (code) => {
    const { folder, sink } = await written(refusing(code));
    await sink.commit();
    expect(await readdir(folder)).toEqual(["a.img"]);
    expect(await readFile(join(folder, "a.img"), "utf8")).toBe("abc");
  },
);

// fault D08
test("where the rename fails too, its own error is told", async () => {
  const rename = () => Promise.reject(Object.assign(new Error("EROFS"), { code: "EROFS" }));
  const { sink } = await written(refusing("EACCES", { rename }));
  await expect(sink.commit()).rejects.toMatchObject({ code: "DISK", cause: { code: "EROFS" } });
});

// fault D08
test("a hard link that fails with ENOSPC is a failure", async () => {
  const { folder, sink } = await written(refusing("ENOSPC"));
  await expect(sink.commit()).rejects.toMatchObject({ code: "DISK", cause: { code: "ENOSPC" } });
  expect(await readdir(folder)).toEqual(["a.img.img-part"]);
});
