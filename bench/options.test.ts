import { expect, test } from "vitest";
import { parseOptions } from "./options.js";

test("without arguments uploads and downloads are compared, five times", () => {
  expect(parseOptions([], 2)).toMatchObject({
    scenarios: ["upload", "download"],
    sizeBytes: null,
    runs: 5,
    lanes: null,
    mbit: 0,
    sinkProcesses: 1,
  });
});

test("sizes are told in GiB and MiB, contenders by name", () => {
  const args = ["upload", "--gib", "0.5", "--part-mib", "8", "--only", "floor,tus"];
  expect(parseOptions(args, 2)).toMatchObject({
    scenarios: ["upload"],
    sizeBytes: 512 * 1024 * 1024,
    partMiB: 8,
    only: ["floor", "tus"],
  });
});

test.each([
  [["nonsense"], /no scenario "nonsense"/],
  [["--runs", "0"], /--runs is a number of at least 1/],
  [["--runs", "1.5"], /--runs is a whole number/],
  [["--mbit", "x"], /--mbit is a number/],
  [["--only", "floor,nobody"], /--only knows no "nobody": img, url, floor/],
  [["--what"], /Unknown option/],
])("%j is refused", (args, message) => {
  expect(() => parseOptions(args, 2)).toThrow(message);
});

test("a large machine gets a server of several processes, so that it is not what is measured", () => {
  expect(parseOptions([], 64).sinkProcesses).toBe(4);
});
