import * as browserBlob from "@img/browser-blob";
import * as nodeFs from "@img/node-fs";
import * as transfer from "@img/transfer";
import * as errors from "@img/transfer/errors";
import { expect, test } from "vitest";

const isErrorClass = (value: unknown): boolean =>
  typeof value === "function" && (value.prototype as unknown) instanceof Error;

const errorsOf = (module: object): string[] =>
  Object.entries(module)
    .filter(([, value]) => isErrorClass(value))
    .map(([name]) => name)
    .sort();

test.each([
  ["transfer", transfer],
  ["node-fs", nodeFs],
  ["browser-blob", browserBlob],
])("%s hands on every error class of the engine, and no other's", (_, module) => {
  expect(errorsOf(errors).length).toBeGreaterThan(20);
  expect(errorsOf(module)).toEqual(errorsOf(errors));
});
