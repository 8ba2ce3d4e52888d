import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { packages, readManifest, root, type Manifest } from "./workspace.js";

/** Licences of what is published with a package: they ask its users for nothing but the notice. */
const permissive = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "MIT AND BSD-3-Clause",
];

/** Licences of what is only used to build and test. They may ask for more, since nothing of it is shipped. */
const forDevelopment = [
  ...permissive,
  "(MIT OR CC0-1.0)",
  "BlueOak-1.0.0",
  "CC-BY-3.0",
  "CC0-1.0",
  "MPL-2.0",
  "Python-2.0",
  "Unlicense",
];

/** Packages whose manifests name no licence of the list. Their licence texts were read. */
const wasRead: Readonly<Record<string, string>> = {
  "combine-errors": "MIT, in its Readme.md",
  spawndamnit: "MIT, in its LICENSE file",
};

/**
 * Data that tests read through a bundler. Its licence asks for a mention where the data is published; none of it is, since
 * only the root's `devDependencies` have it: no package that is published may depend on it (the test of permissive licences).
 */
const dataForTests: Readonly<Record<string, string>> = {
  "caniuse-lite": "CC-BY-4.0", // which browsers know what; webpack needs browserslist, which needs this
};

test("every package carries the project's licence", () => {
  const licence = readFileSync(join(root, "LICENSE"), "utf8");
  for (const { folder, manifest } of packages) {
    expect(readFileSync(join(folder, "LICENSE"), "utf8"), manifest.name).toBe(licence);
    expect(manifest.license, manifest.name).toBe("MIT");
  }
});

test("what a package depends on has a permissive licence", () => {
  const others = packages.flatMap(({ folder }) => dependenciesBelow(folder));
  expect(others.length).toBeGreaterThan(0);
  expect(withoutOneOf(permissive, others)).toEqual([]);
});

test("what is used for development has a licence that allows it", () => {
  const others = everythingInstalled()
    .filter(({ name }) => wasRead[name] === undefined)
    .filter(({ name, license }) => license === undefined || dataForTests[name] !== license);
  expect(withoutOneOf(forDevelopment, others)).toEqual([]);
});

const withoutOneOf = (allowed: readonly string[], manifests: readonly Manifest[]): string[] =>
  manifests
    .filter(({ license }) => !allowed.includes(license ?? ""))
    .map(({ name, version, license }) => `${name}@${version}: ${license ?? "no licence"}`);

/** Returns the dependencies of a folder's package, and theirs, found as Node finds them. */
function dependenciesBelow(folder: string, seen = new Set<string>()): Manifest[] {
  return Object.keys(readManifest(folder).dependencies ?? {}).flatMap((name) => {
    const found = realpathSync(installed(name, folder));
    if (seen.has(found)) return [];
    seen.add(found);
    return [readManifest(found), ...dependenciesBelow(found, seen)];
  });
}

function installed(name: string, from: string): string {
  const here = join(from, "node_modules", name);
  if (existsSync(here)) return here;
  if (from === dirname(from)) throw new Error(`${name} is not installed: npm run setup`);
  return installed(name, dirname(from));
}

function everythingInstalled(): Manifest[] {
  const store = join(root, "node_modules/.pnpm");
  return readdirSync(store)
    .map((entry) => join(store, entry, "node_modules"))
    .filter((folder) => existsSync(folder) && !folder.startsWith(join(store, "node_modules")))
    .flatMap((folder) => namesIn(folder).map((name) => join(folder, name)))
    .filter((folder) => realpathSync(folder) === folder && existsSync(join(folder, "package.json")))
    .map(readManifest);
}

const namesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(folder, name)).map((own) => join(name, own)) : [name],
  );
