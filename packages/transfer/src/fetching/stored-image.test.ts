import { describe, expect, test } from "vitest";
import { parseContentRange, strongEtag } from "./stored-image.js";

describe("a Content-Range", () => {
  test.each([
    ["bytes 0-0/1", { first: 0, last: 0, sizeBytes: 1 }],
    ["bytes 5-9/10", { first: 5, last: 9, sizeBytes: 10 }],
    [" bytes 5-9/* ", { first: 5, last: 9, sizeBytes: null }],
    ["bytes 0-137438953471/137438953472", { first: 0, last: 2 ** 37 - 1, sizeBytes: 2 ** 37 }],
  ])("%j is read", (header, range) => {
    expect(parseContentRange(header)).toEqual(range);
  });

  test.each([
    undefined,
    "",
    "bytes",
    "bytes */10",
    "items 0-1/2",
    "bytes 9-5/10",
    "bytes 5-10/10",
    "bytes 0-1/2, bytes 3-4/5",
    "bytes 0-9999999999999999/*",
    "bytes -1-2/3",
  ])("%j makes no sense", (header) => {
    expect(parseContentRange(header)).toBeNull();
  });
});

test.each([
  ['"abc"', '"abc"'],
  ['""', '""'],
  ['W/"abc"', null],
  ["abc", null],
  ['"a"b"', null],
  [undefined, null],
])("of the ETag %j, %j may go into If-Match", (header, strong) => {
  expect(strongEtag(header)).toBe(strong);
});
