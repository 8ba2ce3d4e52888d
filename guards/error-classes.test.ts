import * as nodeFs from "@img/node-fs";
import * as transfer from "@img/transfer";
import { expect, test } from "vitest";

const isErrorClass = (value: unknown): boolean =>
  typeof value === "function" && (value.prototype as unknown) instanceof Error;

const errorsOf = (module: object): string[] =>
  Object.entries(module)
    .filter(([, value]) => isErrorClass(value))
    .map(([name]) => name)
    .sort();

test("node-fs hands on every error class of the engine, and no other's", () => {
  expect(errorsOf(transfer).length).toBeGreaterThan(20);
  expect(errorsOf(nodeFs)).toEqual(errorsOf(transfer));
});
