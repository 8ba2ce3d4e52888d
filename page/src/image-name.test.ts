import { expect, test } from "vitest";
import { imageName, nextName } from "./image-name.js";

test.each([
  ["disk.img", "disk.img"],
  ["Müller disk.img", "Muller-disk.img"],
  ["Größe.img", "Groesse.img"],
  ["GRÖßE.img", "GROessE.img"],
  ["Žluťoučký kůň.qcow2", "Zlutoucky-kun.qcow2"],
  ["Œuvre Łódź.img", "Oeuvre-Lodz.img"],
  ["Debian 13 (trixie).img", "Debian-13-trixie.img"],
  ["..hidden.img", "hidden.img"],
  ["🚀 rocket.img", "rocket.img"],
  [`${"a".repeat(300)}.img`, "a".repeat(255)],
])("the file %j makes the image %j", (file, name) => {
  expect(imageName(file)).toBe(name);
});

test.each(["диск.img", "磁盘-12.img", "🚀", "---"])(
  "for the file %j a name has to be given",
  (file) => {
    expect(imageName(file)).toBe("");
  },
);

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
