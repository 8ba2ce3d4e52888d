import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer, type Server } from "@img/local-server";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyProject, type EmptyProject } from "./empty-project.js";
import { asProgram, runnable, snippets } from "./snippets.js";
import { importsOf, packages, readManifest, root, type Manifest } from "./workspace.js";

let project: EmptyProject;
let server: Server;

beforeAll(async () => {
  project = await emptyProject();
  server = await startServer({
    dir: join(project.folder, "store"),
    port: 0,
    token: "a-token-0123456789",
  });
}, 120_000);

afterAll(async () => {
  await server.close();
  await rm(project.folder, { recursive: true });
});

const names = packages.map(({ manifest }) => manifest.name);
const tarball = (name: string) => {
  const found = project.tarballs.find((each) => each.package.manifest.name === name);
  if (found === undefined) throw new Error(`bug: ${name} was not packed`);
  return found;
};
const manifestOf = (name: string): Manifest => readManifest(project.installed(name));

/** Matches the page of local-server, which Vite builds from `page/`. */
const isPage = (path: string): boolean => path.startsWith("dist/page/");

describe.each(names)("%s, as it is published", (name) => {
  test("holds what is built of its sources, its README and its licence, and no more", () => {
    const { files, package: own } = tarball(name);
    const { files: named = [], scripts } = own.manifest;
    const outside = files.filter((path) => !path.startsWith("dist/"));
    const besides = named.filter((each) => each !== "dist");
    expect(outside.sort()).toEqual(["LICENSE", "README.md", "package.json", ...besides].sort());
    // Files of a bundle belong to no single source; its build empties the folder first.
    const built = files.filter(
      (path) => path.endsWith(".js") && !isPage(path) && scripts?.["build"] !== "node build.js",
    );
    const withoutSource = built.filter(
      (path) =>
        !existsSync(join(own.folder, path.replace(/^dist(\/cjs)?/, "src").replace(/js$/, "ts"))),
    );
    expect(withoutSource, "left by a former build: delete dist and build again").toEqual([]);
    expect(files.filter((path) => /\.test\.|\/testing\/|crash-test/.test(path))).toEqual([]);
  });

  test("has a map with the sources in it for every file of code", () => {
    const { files } = tarball(name);
    for (const path of files.filter((each) => each.endsWith(".js") && !isPage(each))) {
      const map = JSON.parse(
        readFileSync(join(project.installed(name), `${path}.map`), "utf8"),
      ) as { sources: string[]; sourcesContent?: string[] };
      expect(map.sourcesContent?.length, path).toBe(map.sources.length);
    }
  });

  test("imports nothing that it doesn't depend on", () => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(name);
    const imported = tarball(name)
      .files.filter((path) => path.endsWith(".js") || path.endsWith(".d.ts"))
      .flatMap((path) => importsOf(readFileSync(join(project.installed(name), path), "utf8")))
      .filter((specifier) => !/^(\.|node:)/.test(specifier))
      .map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? "");
    const known = [name, ...Object.keys({ ...dependencies, ...peerDependencies })];
    expect(imported.filter((each) => !known.includes(each))).toEqual([]);
  });

  test("is an ES module without side effects, for the Nodes that the README names", () => {
    expect(manifestOf(name)).toMatchObject({
      type: "module",
      sideEffects: false,
      engines: { node: ">=20.15" },
    });
  });

  test("passes publint", async () => {
    const { messages, pkg } = await publint({
      pkgDir: project.installed(name),
      pack: false,
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });
});

const withTypes = names.filter((name) => name !== "@img/cli");

test.each(withTypes)(
  "types of %s resolve under node16, nodenext and bundler",
  { timeout: 60_000 },
  async (name) => {
    const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
    // Only the client has a CommonJS build, for types under node16.
    const profile = name === "@img/core" ? "node16" : "esm-only";
    const args = [attw, tarball(name).path, "--profile", profile, "--no-color", "--no-emoji"];
    const { code, output } = await project.run(process.execPath, args);
    expect(code, output).toBe(0);
  },
);

const compilers = ["typescript-5.8", "typescript", "typescript-7"];
const resolutions = [
  ["node16", "node16", ["mts"]],
  ["nodenext", "nodenext", ["mts", "cts"]],
  ["esnext", "bundler", ["mts"]],
] as const;

describe.each(compilers)("with %s", { timeout: 120_000 }, (compiler) => {
  const tsc = join(root, "node_modules", compiler, "bin/tsc");
  const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022"];
  // Without skipLibCheck: each declaration of the packages is checked, not only what a program uses.
  const libs = ["--skipDefaultLibCheck", "--lib", "es2023,dom,dom.asynciterable"];

  test.each(resolutions)(
    "the types of every subpath compile as %s, resolved as by %s, from %s",
    async (module, resolution, extensions) => {
      const files = await Promise.all(extensions.map(namesEverySubpath));
      const how = ["--module", module, "--moduleResolution", resolution, "--types", "node"];
      const answer = await project.run(process.execPath, [
        tsc,
        ...strict,
        ...libs,
        ...how,
        ...files,
      ]);
      expect(answer).toEqual({ code: 0, output: "" });
    },
  );
});

/** Writes a module, or a CommonJS file, that imports the types of every entry point. */
async function namesEverySubpath(extension: "mts" | "cts"): Promise<string> {
  const specifiers = withTypes.flatMap(specifiersOf).filter((each) => !each.endsWith(".json"));
  const lines = specifiers.map((each, n) =>
    extension === "mts"
      ? `export * as n${n} from "${each}";\n`
      : `export import n${n} = require("${each}");\n`,
  );
  const file = `every-subpath.${extension}`;
  await writeFile(join(project.folder, file), lines.join(""));
  return file;
}

test("every package that ours ask for has its reason in the table of dependencies", () => {
  const table = readFileSync(join(root, "docs/dependencies.md"), "utf8");
  const asked = names.flatMap((name) => {
    const { dependencies, peerDependencies } = manifestOf(name);
    return Object.keys({ ...dependencies, ...peerDependencies });
  });
  const others = [...new Set(asked)].filter((name) => !name.startsWith("@img/"));
  expect(others.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});

test("no development tool is installed with it", () => {
  const tools = Object.keys(readManifest(root).devDependencies ?? {});
  const ours = names.flatMap((name) => [name, ...Object.keys(manifestOf(name).dependencies ?? {})]);
  const consumers = ["@types/node"]; // put there by this test
  const leaked = tools
    .filter((name) => !ours.includes(name) && !consumers.includes(name))
    .filter((name) => existsSync(project.installed(name)));
  expect(leaked).toEqual([]);
});

test("a server on a bucket says how to install the AWS SDK, which is not installed by default", async () => {
  const command = ["node_modules/@img/cli/dist/main.js", "serve", "--store", "s3://bucket"];
  const { code, output } = await project.run(process.execPath, command, { NODE_NO_WARNINGS: "1" });
  expect(output).toBe(`img: A server on a bucket needs the AWS SDK, which is not installed.
     Install it beside img: npm install --global @aws-sdk/client-s3 @aws-sdk/s3-request-presigner
`);
  expect(code).toBe(2);
  const serving = `const { startServer } = await import("@img/local-server");
    await startServer({ port: 0, s3: { bucket: "bucket" } }).catch(({ code }) => console.log(code));`;
  const args = ["--input-type=module", "-e", serving];
  expect(await project.run(process.execPath, args)).toEqual({
    code: 0,
    output: "SDK_MISSING\n",
  });
});

/** The Node of this test, and those of IMG_NODES: `IMG_NODES=22,24,26`. */
const nodes = ["this", ...(process.env["IMG_NODES"] ?? "").split(",").filter(Boolean)];
const service = () => ({ SFC_SERVER_URL: server.url, SFC_BEARER_AUTH: server.token });

async function programOf(node: string): Promise<string> {
  if (node === "this") return process.execPath;
  const args = ["-y", `node@${node}`, "-p", "process.execPath"];
  return (await project.run("npx", args)).output.trim();
}

describe.each(nodes)("on Node %s", { timeout: 60_000 }, (node) => {
  let program: string;
  beforeAll(async () => {
    program = await programOf(node);
  }, 60_000);
  const onNode = (...args: string[]) => project.run(program, args, service());

  test("every subpath can be imported, and importing sets no global and starts nothing", async () => {
    const specifiers = names.flatMap(specifiersOf);
    await writeFile(join(project.folder, "imports.mjs"), importAll(specifiers));
    const { code, output } = await onNode("imports.mjs");
    expect(code, output).toBe(0);
    expect(output.trim()).toBe(`${specifiers.length} imported,0 globals`);
  });

  test("require of every subpath gives what import gives, if this Node can load ESM with it", async () => {
    const libraries = names.filter((name) => name !== "@img/cli");
    const specifiers = libraries.flatMap(specifiersOf);
    await writeFile(join(project.folder, "requires.cjs"), requireAll(specifiers));
    const { code, output } = await onNode("requires.cjs");
    expect(code, output).toBe(0);
    expect(output.trim()).toContain(`${specifiers.length} required, the same`);
  });

  test("the command runs", async () => {
    const { code, output } = await onNode("node_modules/@img/cli/dist/main.js", "--version");
    expect(output).toContain(manifestOf("@img/cli").version);
    expect(code).toBe(0);
  });

  test("a file is uploaded and downloaded again", async () => {
    const bytes = randomBytes(6_000_000);
    await writeFile(join(project.folder, `node-${node}.img`), bytes);
    await writeFile(join(project.folder, "both-ways.mjs"), bothWays(`node-${node}.img`));
    const { code, output } = await onNode("both-ways.mjs");
    expect(code, output).toBe(0);
    expect(output).toContain(createHash("sha256").update(bytes).digest("hex"));
  });
});

/** Lists every import path of a package. Patterns in its manifest are expanded. */
function specifiersOf(name: string): string[] {
  const exported = Object.keys(manifestOf(name).exports ?? {});
  const mirrored = tarball(name)
    .files.map((path) => /^dist\/vendor\/(.*)\.js$/.exec(path)?.[1])
    .filter((path) => path !== undefined);
  return exported
    .flatMap((subpath) =>
      subpath.includes("*") ? mirrored.map((path) => subpath.replace("*", path)) : [subpath],
    )
    .map((subpath) => name + subpath.slice(1));
}

const requireAll = (specifiers: readonly string[]): string => `
  const same = async (name) => {
    const required = require(name);
    const imported = await import(name, name.endsWith(".json") ? { with: { type: "json" } } : {});
    const other = Object.keys(required).filter((key) => !name.endsWith(".json") && required[key] !== imported[key]);
    if (other.length > 0) throw new Error(name + " gives another " + other);
  };
  const all = ${JSON.stringify(specifiers)};
  Promise.all(all.map(same)).then(() => console.log(all.length + " required, the same"));
`;

const importAll = (specifiers: readonly string[]): string => `
  import "node:http"; // on newer Nodes this sets globals, and who imports it cannot prevent that
  void [process.stdout, process.stderr];
  const before = Reflect.ownKeys(globalThis).length;
  await new Promise(setImmediate);
  const idle = process.getActiveResourcesInfo();
  const specifiers = ${JSON.stringify(specifiers)};
  for (const name of specifiers) await import(name, name.endsWith(".json") ? { with: { type: "json" } } : {});
  const globals = Reflect.ownKeys(globalThis).length - before;
  await new Promise(setImmediate);
  const active = process.getActiveResourcesInfo().filter((name) => !idle.includes(name));
  console.log([specifiers.length + " imported", globals + " globals", ...active].join());
`;

const bothWays = (file: string): string => `
  import { downloadImage, uploadImage } from "@img/node-fs";
  const { image } = await uploadImage("${file}", { stateDir: "state" });
  const { sha256 } = await downloadImage(image.id, "copy-of-${file}");
  console.log(sha256);
`;

describe("the snippets of the documents", () => {
  const all = snippets();

  test("compile against the installed packages", { timeout: 60_000 }, async () => {
    const files = all.map(({ id }) => `${id}.mts`);
    await Promise.all(
      all.map((snippet, n) => writeFile(join(project.folder, files[n]!), asProgram(snippet))),
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"];
    const libs = ["--skipLibCheck", "--lib", "es2023,dom,dom.asynciterable", "--types", "node"];
    const { output } = await project.run(process.execPath, [tsc, ...strict, ...libs, ...files]);
    expect(output).toBe("");
  });

  test.each(all.filter(({ info }) => info !== "page"))(
    "$id runs",
    { timeout: 60_000 },
    async (snippet) => {
      await writeFile(join(project.folder, "disk.img"), randomBytes(1_000_000));
      const file = `${snippet.id}.mjs`;
      const folder = join(project.folder, snippet.id);
      const service = await startServer({ dir: join(folder, "store"), port: 0 });
      try {
        await writeFile(join(project.folder, file), await runnable(snippet, service.url));
        const { code, output } = await project.run(process.execPath, [file], {
          SFC_SERVER_URL: service.url,
          SFC_BEARER_AUTH: service.token,
          XDG_STATE_HOME: join(folder, "state"),
        });
        expect(code, output).toBe(0);
      } finally {
        await service.close();
      }
    },
  );
});
