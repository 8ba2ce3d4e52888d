import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandTable } from "../packages/cli/src/command-table.js";
import { downloadCommand } from "../packages/cli/src/download/download-command.js";
import { flagOf } from "../packages/cli/src/failure/flags.js";
import { uploadCommand } from "../packages/cli/src/upload/upload-command.js";
import { optionNames } from "./options-page.js";
import { root } from "./workspace.js";

const readme = readFileSync(join(root, "packages/cli/README.md"), "utf8");
const tables = readme.slice(readme.indexOf("\n## Options"), readme.indexOf("\n## Configuration"));

/** The options without a flag, and why. */
const withoutFlag: Readonly<Record<string, string>> = {
  client: "made from the settings: --server, --api-version and the token",
  signal: "Ctrl-C and the other signals that end a process",
  stateDir: "state_dir in the configuration: a resume must find what the first run wrote",
  journals: "a store of journals in the caller's own code",
  onEvent: "the events of --json",
  onProgress: "the bar, the lines or the events of --json",
  onPart: "--verbose",
  onLockWatched: "a warning",
  onDisk: "a line before the upload",
  onFinding: "a warning",
  onLowSpace: "a warning",
};

/** Returns the flag of an option. Messages about a name do not say `--name`, since a file may have given it. */
const flag = (option: string): string => (option === "name" ? "--name" : flagOf(option));

const names = optionNames();
type Command = ReturnType<typeof uploadCommand>;
const commands: readonly (readonly [string, Command, readonly string[]])[] = [
  ["img upload", uploadCommand(), names.upload],
  ["img download", downloadCommand(), names.download],
];

describe.each(commands)("%s", (_, command, options) => {
  const flags = command.options.map(({ long }) => long ?? "");

  test("the options of the library are found", () => {
    expect(options.length).toBeGreaterThan(15);
    expect(options).toEqual(expect.arrayContaining(["stallMs", "lanes", "client"]));
  });

  test("every option of the library has a flag, or a reason why it has none", () => {
    const missing = options.filter(
      (option) => !Object.hasOwn(withoutFlag, option) && !flags.includes(flag(option)),
    );
    expect(missing).toEqual([]);
  });

  test("no option that has a flag has a reason why it has none", () => {
    expect(Object.keys(withoutFlag).filter((one) => flags.includes(flag(one)))).toEqual([]);
  });

  test("every flag is in the README's tables of options", () => {
    const told = new Set(tables.match(/--[a-z0-9-]+/g));
    expect(flags.filter((one) => !told.has(one))).toEqual([]);
  });
});

test("every command is in the README's table of commands", () => {
  const told = readme.slice(readme.indexOf("\n## Commands"), readme.indexOf("\n## Options"));
  const all = Object.keys(commandTable);
  expect(all.filter((name) => !told.includes(`img ${name}`))).toEqual([]);
});

test("every reason is about an option that the library has", () => {
  const all = new Set([...names.upload, ...names.download]);
  expect(Object.keys(withoutFlag).filter((one) => !all.has(one))).toEqual([]);
});
