import { expect, test } from "vitest";
import { fitText, printable, textWidth } from "./text-width.js";

test("letters of East Asia and emoji take two columns", () => {
  expect(textWidth("disk.img")).toBe(8);
  expect(textWidth("ディスク.img")).toBe(12);
  expect(textWidth("💾.img")).toBe(6);
});

test("a text that is too long loses its middle", () => {
  expect(fitText("debian-12-generic-amd64.img", 15)).toBe("debian-…d64.img");
  expect(fitText("short", 15)).toBe("short");
});

test.each([0, 1, 2, 3, 7])("a text never takes more than %d columns", (columns) => {
  expect(textWidth(fitText("ディスク-of-a-machine.img", columns))).toBeLessThanOrEqual(columns);
});

test("a file's name does not drive the terminal", () => {
  expect(printable("a\x1b[2Jb\r\n")).toBe("a?[2Jb??");
});
