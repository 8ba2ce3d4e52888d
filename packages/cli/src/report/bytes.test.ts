import { expect, test } from "vitest";
import { formatBytes, formatRate, formatShare, NotASize, parseBytes } from "./bytes.js";

test.each([
  ["1", 1],
  ["512K", 512 * 1024],
  ["16M", 16 * 1024 ** 2],
  ["16MiB", 16 * 1024 ** 2],
  ["1.5g", 1.5 * 1024 ** 3],
  ["2 T", 2 * 1024 ** 4],
  ["60M/s", 60 * 1024 ** 2],
  ["100B", 100],
])("%s is %d bytes", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(["", "M", "0", "-1", "1..5M", "16 apples", "1e3", "0x10", "9999999T", "0.2"])(
  "%j is no size",
  (text) => {
    expect(() => parseBytes(text)).toThrow(NotASize);
  },
);

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "0.98 KiB"],
  [1024, "1.00 KiB"],
  [10 * 1024, "10.0 KiB"],
  [100 * 1024, "100 KiB"],
  [1023.9 * 1024, "1.00 MiB"],
  [1.46 * 1024 ** 3, "1.46 GiB"],
  [128 * 1024 ** 3, "128 GiB"],
])("%d bytes are shown as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("a share is in the unit of the whole", () => {
  expect(formatShare(512 * 1024 ** 2, 2 * 1024 ** 3)).toBe("0.50 of 2.00 GiB");
  expect(formatShare(3, 10)).toBe("3 of 10 B");
});

test("a rate is a size a second", () => {
  expect(formatRate(1024 ** 2)).toBe("1.00 MiB/s");
});
