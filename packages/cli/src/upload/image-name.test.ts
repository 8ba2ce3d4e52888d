import { expect, test } from "vitest";
import { checkName, possibleName } from "./image-name.js";

test.each([
  ["my disk üni.img", "my-disk-uni.img"],
  ["Straße (1).qcow2", "Strasse-1.qcow2"],
  ["ångström.img", "angstrom.img"],
  ["-.img", "image.img"],
  ["日本.img", "image.img"],
  [`${"a".repeat(300)}.img`, `${"a".repeat(251)}.img`],
])("%s could be %s", (given, possible) => {
  expect(possibleName(given)).toBe(possible);
  expect(() => checkName(given)).toThrow("No image can be named");
  expect(() => checkName(possible)).not.toThrow();
});
