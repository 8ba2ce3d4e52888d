import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { filesIn, packages, short } from "./workspace.js";

/** A name without the plurals of its words: two files of the same would be taken for each other. */
const singular = (name: string): string => name.replaceAll(/s(?=-|$)/g, "");

/** Files that are named as the vendor's own client names them, so that imports of it can be replaced. */
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
