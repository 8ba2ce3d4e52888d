import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, test } from "vitest";
import { filesIn, importsOf, packages, root, short } from "./workspace.js";

/** The packages of the project that each may import: the arrows of ARCHITECTURE.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "@img/core": [],
  "@img/disk-formats": [],
  "@img/transfer": ["@img/core"],
  "@img/files": [],
  "@img/node-fs": ["@img/core", "@img/disk-formats", "@img/files", "@img/transfer"],
  "@img/browser-blob": ["@img/core", "@img/disk-formats", "@img/transfer"],
  "@img/local-server": ["@img/core", "@img/files"],
  "@img/cli": [
    "@img/core",
    "@img/disk-formats",
    "@img/transfer",
    "@img/node-fs",
    "@img/local-server",
  ],
};

/** The packages that depend on no platform: neither on Node's modules nor on a library that needs them. */
const withoutPlatform = ["@img/core", "@img/disk-formats", "@img/transfer"];

const isTest = (path: string): boolean => /\.test\.ts$|\/(testing|crash-test)\//.test(path);
const sources = (folder: string): string[] =>
  filesIn(join(folder, "src"), /\.ts$/).filter((path) => !isTest(path));
const nameOf = (specifier: string): string =>
  /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? specifier;

test.each(packages)("$manifest.name depends only on what stands below it", ({ manifest }) => {
  const own = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith("@img/"));
  expect(mayImport[manifest.name]).toEqual(expect.arrayContaining(own));
});

test.each(packages)("$manifest.name imports only what it declares", ({ folder, manifest }) => {
  const { dependencies, peerDependencies } = manifest;
  const declared = new Set([
    manifest.name,
    ...Object.keys({ ...dependencies, ...peerDependencies }),
  ]);
  const strays = sources(folder).flatMap((path) =>
    importsOf(readFileSync(path, "utf8"))
      .filter((specifier) => !/^(\.|node:)/.test(specifier) && !declared.has(nameOf(specifier)))
      .map((specifier) => `${short(path)} imports ${specifier}`),
  );
  expect(strays).toEqual([]);
});

test.each(packages.filter(({ manifest }) => withoutPlatform.includes(manifest.name)))(
  "$manifest.name imports nothing of Node's",
  ({ folder }) => {
    const strays = sources(folder).filter((path) =>
      importsOf(readFileSync(path, "utf8")).some((specifier) => specifier.startsWith("node:")),
    );
    expect(strays.map(short)).toEqual([]);
  },
);

test("local-server takes nothing of the client's but the wire's shapes and the files'", () => {
  const taken = sources(join(root, "packages/local-server")).flatMap((path) =>
    importsOf(readFileSync(path, "utf8")).filter((specifier) => specifier.startsWith("@img/")),
  );
  expect([...new Set(taken)].sort()).toEqual(["@img/core/wire", "@img/files"]);
});

/** The folders of local-server, and which others each may import. The files beside them combine all. */
const serverFolders: Readonly<Record<string, readonly string[]>> = {
  images: [],
  http: ["images"],
  api: ["http", "images"],
  objects: ["http", "images"],
  folder: ["http", "images", "objects"],
  s3: ["http", "images"],
  faults: ["http"],
  web: ["http"],
};

test("local-server's folders import only what stands below them", () => {
  const src = join(root, "packages/local-server/src");
  const strays = sources(join(root, "packages/local-server")).flatMap((path) => {
    const [folder, file] = relative(src, path).split(sep);
    if (folder === undefined || file === undefined) return [];
    const allowed = ["http-url.js", "invalid-option.js", folder, ...(serverFolders[folder] ?? [])];
    return importsOf(readFileSync(path, "utf8"))
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => relative(src, resolve(dirname(path), specifier)))
      .filter((target) => !allowed.includes(target.split(sep)[0] ?? ""))
      .map((target) => `${short(path)} imports ${target}`);
  });
  expect(strays).toEqual([]);
});

test.each(packages)(
  "no two files of $manifest.name import each other at run time",
  ({ folder }) => {
    const graph = new Map(sources(folder).map((path) => [path, valueImports(path)] as const));
    expect(cycles(graph)).toEqual([]);
  },
);

/** The packages in which files may still import each other's types. */
const withTypeCircles = ["@img/core", "@img/local-server", "@img/node-fs"];

test.each(packages.filter(({ manifest }) => !withTypeCircles.includes(manifest.name)))(
  "no two files of $manifest.name import each other, neither their types nor what they load later",
  ({ folder }) => {
    const graph = new Map(
      sources(folder).map((path) => [path, ownImports(path, readFileSync(path, "utf8"))] as const),
    );
    expect(cycles(graph)).toEqual([]);
  },
);

/** The engine's folders, from the bottom. Those on one floor may use each other. */
const floors = [
  ["errors", "ports", "promises", "rules"],
  ["journal"],
  ["run"],
  ["request"],
  ["service"],
  ["digest"],
  ["sending", "fetching", "claim"],
];
/** Files beside the folders are rules and ports, below all of them, but for these recipes. */
const recipes = /^(index|upload|upload-stream|finish-upload|download|verify|unfinished)\.ts$/;

test("the engine's folders import downwards only", () => {
  const engine = join(root, "packages/transfer/src");
  const upwards = sources(join(root, "packages/transfer"))
    .filter((path) => !path.includes("/contracts/"))
    .flatMap((path) =>
      importsOf(readFileSync(path, "utf8"))
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => resolve(dirname(path), specifier))
        .filter((target) => floorOf(engine, target) > floorOf(engine, path))
        .map((target) => `${short(path)} imports ${short(target)}`),
    );
  expect(upwards).toEqual([]);
});

function floorOf(engine: string, path: string): number {
  const [first = "", file] = relative(engine, path).split("/");
  const isRecipe = file === undefined && recipes.test(first.replace(/\.js$/, ".ts"));
  if (isRecipe) return floors.length;
  const folder = file === undefined ? "rules" : first;
  const floor = floors.findIndex((names) => names.includes(folder));
  if (floor >= 0) return floor;
  throw new Error(`${folder}/ has no floor`);
}

/**
 * Returns what a file needs of its own package when it is loaded: types are removed by then, and `import()`
 * runs later.
 */
function valueImports(path: string): string[] {
  const code = readFileSync(path, "utf8")
    .replace(/^(import|export) type [^;]*;/gm, "")
    .replace(/\bimport\(/g, "");
  return ownImports(path, code);
}

const ownImports = (path: string, code: string): string[] =>
  importsOf(code)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => resolve(dirname(path), specifier.replace(/\.js$/, ".ts")));

function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) {
      found.push([...above.slice(above.indexOf(path)), path].map(short).join(" → "));
    } else if (!done.has(path)) {
      for (const next of graph.get(path) ?? []) visit(next, [...above, path]);
      done.add(path);
    }
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}
