import { expect, test } from "vitest";
import { storeErrorCode } from "./lane-request.js";

test.each([
  ["<Error><Code>SlowDown</Code></Error>", "SlowDown"],
  ["<Error>\n<Code> NoSuchUpload\n</Code>", "NoSuchUpload"],
  ["<Code></Code>", null],
  ["<Code>a b</Code>", null],
  [`<Code>${"a".repeat(65)}</Code>`, null],
  ["<html>", null],
  ["", null],
])("the code of %j is %j", (text, code) => {
  expect(storeErrorCode(text)).toBe(code);
});
