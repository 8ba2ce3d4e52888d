import { expect, test } from "vitest";
import { painter, terminalStyle } from "./terminal-style.js";

const utf8 = { LANG: "en_US.UTF-8", TERM: "xterm" };

test("a terminal has colors unless NO_COLOR or its kind say otherwise", () => {
  expect(terminalStyle(utf8, "linux")).toEqual({ color: true, unicode: true });
  expect(terminalStyle({ ...utf8, NO_COLOR: "1" }, "linux").color).toBe(false);
  expect(terminalStyle({ ...utf8, NO_COLOR: "" }, "linux").color).toBe(true);
  expect(terminalStyle({ ...utf8, TERM: "dumb" }, "linux").color).toBe(false);
});

test("only a UTF-8 locale gets more than ASCII", () => {
  expect(terminalStyle({ LANG: "C" }, "linux").unicode).toBe(false);
  expect(terminalStyle({ ...utf8, LC_ALL: "C" }, "linux").unicode).toBe(false);
  expect(terminalStyle({ ...utf8, TERM: "linux" }, "linux").unicode).toBe(false);
  expect(terminalStyle({ WT_SESSION: "1" }, "win32").unicode).toBe(true);
});

test("without colors a text stays as it is", () => {
  expect(painter({ color: false, unicode: true })("green", "a")).toBe("a");
  expect(painter({ color: true, unicode: true })("green", "a")).toBe("\x1b[32ma\x1b[39m");
});
