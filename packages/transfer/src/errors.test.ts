import { afterEach, expect, test, vi } from "vitest";
import * as errors from "./errors.js";

const { DiskError, NameTakenError, SourceUnusableError, TransferError, isTransferError } = errors;

afterEach(() => {
  vi.resetModules();
});

/** What a second installed copy of this package would be. */
async function otherCopy(): Promise<typeof errors> {
  vi.resetModules();
  return import("./errors.js");
}

test("an error tells what happened and what to do, and its message is both", () => {
  const cause = new Error("ENOENT");
  const error = new SourceUnusableError("There is no file x.", {
    advice: "Check the path.",
    cause,
  });
  expect(error.what).toBe("There is no file x.");
  expect(error.advice).toBe("Check the path.");
  expect(error.message).toBe("There is no file x. Check the path.");
  expect(error.name).toBe("SourceUnusableError");
  expect(error.cause).toBe(cause);
});

test("an error that knows nothing to do has no advice, and its message is what happened", () => {
  const error = new DiskError("Could not read x.");
  expect(error.advice).toBeUndefined();
  expect(error.message).toBe(error.what);
  expect("cause" in error).toBe(false);
});

test("instanceof tells the base class and each class apart", () => {
  const error = new NameTakenError("x", null);
  expect(error).toBeInstanceOf(TransferError);
  expect(error).toBeInstanceOf(NameTakenError);
  expect(error).not.toBeInstanceOf(DiskError);
  expect(new Error("x")).not.toBeInstanceOf(TransferError);
});

test("an error of another installed copy is a transfer's error, by function and by base class", async () => {
  const other = await otherCopy();
  const error = new other.NameTakenError("x", null);
  expect(other.NameTakenError).not.toBe(NameTakenError);
  expect(isTransferError(error)).toBe(true);
  expect(error).toBeInstanceOf(TransferError);
});

test.each([
  new Error("x"),
  { code: "DISK" },
  "DISK",
  null,
  undefined,
  new DOMException("x", "AbortError"),
])("%s is no transfer's error", (thrown) => {
  expect(isTransferError(thrown)).toBe(false);
});

test("an option's error has its parts: which option, what it must be, and what was given", () => {
  const error = new errors.InvalidOptionError("lanes", 0, "a whole number from 1 to 32");
  expect(error).toMatchObject({
    option: "lanes",
    given: "0",
    wanted: "a whole number from 1 to 32",
  });
});

test("a target that only overwriting can replace says so in a field", () => {
  const file = new errors.TargetExistsError("x", "already there");
  const folder = new errors.TargetExistsError("x", "a folder");
  expect(file.mayOverwrite).toBe(true);
  expect(folder.mayOverwrite).toBe(false);
  expect(folder).toMatchObject({ what: "x is a folder.", advice: "Choose another path." });
});
