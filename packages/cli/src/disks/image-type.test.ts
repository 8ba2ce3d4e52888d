import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { headBytes, imageTypeOf, typeWarning } from "./image-type.js";

async function fileOf(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "img-type-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "file"), bytes);
  return join(folder, "file");
}

test.each([
  ["qcow2", "QFI\xfb", 0],
  ["vmdk", "KDMV", 0],
  ["vhd", "conectix", 0],
  ["vhdx", "vhdxfile", 0],
  ["vdi", "\x7f\x10\xda\xbe", 64],
  ["iso", "CD001", 0x8001],
  ["gzip", "\x1f\x8b\x08", 0],
  ["xz", "\xfd7zXZ\0", 0],
  ["zstd", "\x28\xb5\x2f\xfd", 0],
] as const)("%s is known by its content, and warned of", async (type, magic, at) => {
  const head = Buffer.alloc(headBytes);
  head.write(magic, at, "latin1");
  expect(await imageTypeOf(await fileOf(head))).toBe(type);
  // The check of the disk reports an ISO image, so this warning need not.
  if (type === "iso") expect(typeWarning(type)).toBeNull();
  else expect(typeWarning(type)).toContain(type);
});

test("everything else is raw, also a file that is shorter than any magic number", async () => {
  expect(await imageTypeOf(await fileOf(Buffer.alloc(headBytes)))).toBe("raw");
  expect(await imageTypeOf(await fileOf(Buffer.from("a")))).toBe("raw");
  expect(typeWarning("raw")).toBeNull();
});
