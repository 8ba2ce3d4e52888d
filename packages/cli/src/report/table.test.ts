import { expect, test } from "vitest";
import { Table } from "./table.js";
import { textWidth } from "./text-width.js";

const header = ["NAME", "SIZE", "STATUS", "CREATED", "ID", "SHA256"];
const rowOf = (name: string): string[] => [
  name,
  "1.46 GiB",
  "completed",
  "12 hours ago",
  "image_01HZY3K8Q4W5E6R7T8Y9",
  "0123456789ab",
];
const names = [
  "a.img",
  "debian-12-generic-amd64-20240211-1654.img",
  "x".repeat(255),
  "ディスク".repeat(20),
];
const widths = [40, 80, 120, 200];

test.each(widths)(
  "no line of a list of images is longer than a terminal of %d columns",
  (columns) => {
    const table = new Table(header, columns);
    const lines = names.flatMap((name) => table.lines([rowOf(name)]));
    expect(lines).toHaveLength(names.length + 1);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  },
);

test.each(widths)("the name and the status stay on a terminal of %d columns", (columns) => {
  const [head, row] = new Table(header, columns).lines([rowOf(names[1]!)]);
  expect(head).toMatch(/^NAME +SIZE +STATUS/);
  expect(row).toMatch(/^debian.*\.img/);
});

test("a long name keeps its beginning and its end, and the columns at the right go first", () => {
  const [head, row] = new Table(header, 40).lines([rowOf(names[1]!)]);
  expect(head).toBe("NAME                 SIZE      STATUS");
  expect(row).toBe("debian-12…-1654.img  1.46 GiB  completed");
});

test("a program that reads the list gets every name whole", () => {
  const [, row] = new Table(header, Infinity).lines([rowOf("x".repeat(255))]);
  expect(row).toContain("x".repeat(255));
});
