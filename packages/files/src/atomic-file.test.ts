import { expect, test } from "vitest";
import { ensureFolder } from "./atomic-file.js";
import { realFileSystem } from "./disk.js";

test("a folder that cannot be created although its parents exist is refused", async () => {
  // As below /proc, where nothing can be created and the error says that a folder is missing.
  const missing = Object.assign(new Error("ENOENT"), { code: "ENOENT" });
  const fileSystem = { ...realFileSystem, mkdir: () => Promise.reject(missing) };
  await expect(ensureFolder(fileSystem, "/kept/images", 0o700)).rejects.toBe(missing);
});
