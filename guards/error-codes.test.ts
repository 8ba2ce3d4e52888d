import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as browserBlob from "@img/browser-blob";
import * as core from "@img/core/models/errors";
import * as diskFormats from "@img/disk-formats";
import * as localServer from "@img/local-server";
import * as nodeFs from "@img/node-fs";
import * as transfer from "@img/transfer/errors";
import { expect, test } from "vitest";
import { exitOf, outcomes } from "../packages/cli/src/failure/outcome-table.js";
import { root } from "./workspace.js";

const guide = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");
const rows = [...guide.matchAll(/^\| `([A-Z_]+)` .*$/gm)].map((match) => match[1] ?? "");

const isErrorClass = (value: unknown): boolean =>
  typeof value === "function" && (value.prototype as unknown) instanceof Error;

/** Returns the codes of the error classes that a module exports. A class's code is in its source. */
const codesOf = (module: object): string[] =>
  Object.values(module)
    .filter(isErrorClass)
    .flatMap((errorClass) => /\bcode = "([A-Z_]+)"/.exec(String(errorClass))?.[1] ?? []);

const codes: Readonly<Record<string, readonly string[]>> = {
  core: codesOf(core),
  transfer: codesOf(transfer),
  "disk-formats": codesOf(diskFormats),
  "node-fs": codesOf(nodeFs),
  "browser-blob": codesOf(browserBlob),
  "local-server": codesOf(localServer),
  cli: Object.keys(outcomes),
};

test("the engine's errors are found, and their codes", () => {
  expect(codes["transfer"]?.length).toBeGreaterThan(20);
});

test.each(Object.entries(codes))("the guide says what to do about every code of %s", (_, own) => {
  expect(own.filter((code) => !rows.includes(code))).toEqual([]);
});

test("the guide has no code that nothing throws", () => {
  const thrown = new Set(Object.values(codes).flat());
  const besides = ["UNEXPECTED"]; // what the command calls everything else
  expect(rows.filter((code) => !thrown.has(code) && !besides.includes(code))).toEqual([]);
});

test("the exit codes beside the codes are those that the command ends with", () => {
  const told = guide.matchAll(/^\| `([A-Z_]+)` +\| (\d{1,2}(?:, \d{1,2})*) +\|/gm);
  const wrong = [...told].filter(([, code = "", exits = ""]) => {
    return !exits.split(", ").includes(String(exitOf({ code }) ?? 1));
  });
  expect(wrong.map(([row]) => row)).toEqual([]);
});
