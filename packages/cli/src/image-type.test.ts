import { expect, test } from "vitest";
import { headBytes, imageType, typeWarning } from "./image-type.js";

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
] as const)("%s is known by its first bytes, and warned of", (type, magic, at) => {
  const head = Buffer.alloc(headBytes);
  head.write(magic, at, "latin1");
  expect(imageType(head)).toBe(type);
  expect(typeWarning(type)).toContain(type === "iso" ? "ISO" : type);
});

test("all else is raw, also what is shorter than any magic", () => {
  expect(imageType(Buffer.alloc(headBytes))).toBe("raw");
  expect(imageType(Buffer.from("a"))).toBe("raw");
  expect(typeWarning("raw")).toBeNull();
});
