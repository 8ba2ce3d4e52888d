import { expect, test } from "vitest";
import { stateDir } from "./state-dir.js";

test.each([
  ["linux", {}, "/home/ada", "/home/ada/.local/state/img"],
  ["linux", { XDG_STATE_HOME: "/var/state" }, "/home/ada", "/var/state/img"],
  ["linux", { XDG_STATE_HOME: "state" }, "/home/ada", "/home/ada/.local/state/img"],
  ["linux", { XDG_STATE_HOME: "" }, "/home/ada", "/home/ada/.local/state/img"],
  ["freebsd", {}, "/home/ada", "/home/ada/.local/state/img"],
  ["darwin", {}, "/Users/ada", "/Users/ada/Library/Application Support/img"],
  ["darwin", { XDG_STATE_HOME: "/var/state" }, "/Users/ada", "/var/state/img"],
  ["win32", { LOCALAPPDATA: "D:\\Local" }, "C:\\Users\\ada", "D:\\Local\\img"],
  ["win32", {}, "C:\\Users\\ada", "C:\\Users\\ada\\AppData\\Local\\img"],
])("on %s with %o, %s has state in %s", (platform, env, home, wanted) => {
  expect(stateDir({ env, platform, home })).toBe(wanted);
});
