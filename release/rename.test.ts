import { expect, test } from "vitest";
import { renameIn, renameManifest } from "./rename.js";

const names = [
  { here: "@img/core", name: "@example/core", version: "1.2.3" },
  { here: "@img/node-fs", name: "@example/node-fs", version: "1.2.3" },
];

test("imports, subpaths and documents get the released scope", () => {
  const text =
    'import { Sfc } from "@img/core"; import "@img/core/funcs/x.js"; // see `@img/node-fs`';
  expect(renameIn(text, names)).toBe(
    'import { Sfc } from "@example/core"; import "@example/core/funcs/x.js"; // see `@example/node-fs`',
  );
});

test("packages of others keep their names, also where the name begins alike", () => {
  for (const text of ["@img/sharp", "@img/core-extra", "@img/", "x@img/corex"]) {
    expect(renameIn(text, names)).toBe(text);
  }
});

test("a manifest gets its released name, and the released versions of what it depends on", () => {
  const manifest = {
    name: "@img/node-fs",
    version: "0.1.0",
    type: "module",
    dependencies: { "@img/core": "0.1.0", undici: "~7.30.2" },
  };
  expect(renameManifest(manifest, names)).toEqual({
    name: "@example/node-fs",
    version: "1.2.3",
    type: "module",
    dependencies: { "@example/core": "1.2.3", undici: "~7.30.2" },
  });
});
