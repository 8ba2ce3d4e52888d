import { expect, test } from "vitest";
import { isImageName, possibleImageName } from "./image-name.js";

test.each([
  ["disk.img", "disk.img"],
  ["Müller disk.img", "Muller-disk.img"],
  ["my disk üni.img", "my-disk-uni.img"],
  ["Größe.img", "Groesse.img"],
  ["GRÖßE.img", "GROessE.img"],
  ["Straße (1).qcow2", "Strasse-1.qcow2"],
  ["ångström.img", "angstrom.img"],
  ["Žluťoučký kůň.qcow2", "Zlutoucky-kun.qcow2"],
  ["Œuvre Łódź.img", "Oeuvre-Lodz.img"],
  ["Debian 13 (trixie).img", "Debian-13-trixie.img"],
  ["..hidden.img", "hidden.img"],
  ["🚀 rocket.img", "rocket.img"],
  [`${"a".repeat(300)}.img`, `${"a".repeat(251)}.img`],
])("the image of the file %j can be named %j", (file, name) => {
  expect(possibleImageName(file)).toBe(name);
  expect(isImageName(name)).toBe(true);
});

test.each(["диск.img", "磁盘-12.img", "🚀", "---", "-.img", ".img", ""])(
  "for the file %j a person has to find a name",
  (file) => {
    expect(possibleImageName(file)).toBe("");
  },
);
