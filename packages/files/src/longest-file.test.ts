import { expect, test } from "vitest";
import { longestFile } from "./longest-file.js";

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax cpu time              unlimited            unlimited            seconds\nMax file size             ${soft.padEnd(20)} unlimited            bytes\n`;

// fault D33
test.each([
  ["a FAT file system", 0x4d44, "unlimited", 2 ** 32 - 1],
  ["a process with a limit", 0xef53, "1048576", 1048576],
  ["a process with a limit below that of its FAT", 0x4d44, "1048576", 1048576],
  ["neither", 0xef53, "unlimited", Infinity],
])("the longest file of %s is known before it is written", (_, type, soft, mostBytes) => {
  expect(longestFile(type, limits(soft)).mostBytes).toBe(mostBytes);
});
