import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { filesIn, packages, short } from "./workspace.js";

/** Returns a name without plurals: two files whose names differ only in a plural would be confused. */
const singular = (name: string): string => name.replaceAll(/s(?=-|$)/g, "");

/**
 * Matches files that have the same names as in the vendor's own client, so that its imports can be replaced.
 */
const isVendors = /\/core\/src\/vendor\//;

test.each(packages)(
  "no two files of $manifest.name have names that differ only by a plural",
  ({ folder }) => {
    const ours = filesIn(join(folder, "src"), /\.ts$/).filter((path) => !isVendors.test(path));
    const names = new Map<string, string>();
    const pairs = ours.flatMap((path) => {
      const name = basename(path, ".ts");
      const other = names.get(singular(name));
      names.set(singular(name), path);
      if (other === undefined || basename(other, ".ts") === name) return [];
      return [`${short(other)} and ${short(path)}`];
    });
    expect(pairs).toEqual([]);
  },
);
