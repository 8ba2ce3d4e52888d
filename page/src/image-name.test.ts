import { expect, test } from "vitest";
import { nextName } from "./image-name.js";

test.each([
  ["disk.img", "disk-2.img"],
  ["disk-2.img", "disk-3.img"],
  ["ubuntu-24.04", "ubuntu-24.04-2"],
  ["build-20260712.qcow2", "build-20260712-2.qcow2"],
  ["a".repeat(255), `${"a".repeat(253)}-2`],
])("after %j comes %j", (name, next) => {
  expect(nextName(name, () => false)).toBe(next);
});

test("a suggested name is one that no image has", () => {
  const taken = ["disk-2.img", "disk-3.img"];
  expect(nextName("disk.img", (name) => taken.includes(name))).toBe("disk-4.img");
});
