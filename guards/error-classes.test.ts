import * as browserBlob from "@img/browser-blob";
import * as formats from "@img/disk-formats/errors";
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

const ofEngine = errorsOf(errors);
const ofBoth = [...ofEngine, ...errorsOf(formats)].sort();

test.each([
  ["transfer", transfer, ofEngine],
  ["node-fs", nodeFs, ofBoth],
  ["browser-blob", browserBlob, ofBoth],
])("%s exports every error class that its functions throw, and no other", (_, module, wanted) => {
  expect(ofEngine.length).toBeGreaterThan(20);
  expect(errorsOf(module)).toEqual(wanted);
});

test("an error about a disk image is a transfer's error, with what happened and what to do", () => {
  const error = new formats.FormatUnsupportedError("vmdk", "is split", "Make one file of it.");
  expect(errors.isTransferError(error)).toBe(true);
  expect(error).toBeInstanceOf(errors.TransferError);
  expect(error).toMatchObject({
    message: "The vmdk image is split. Make one file of it.",
    what: "The vmdk image is split.",
    advice: "Make one file of it.",
  });
});
