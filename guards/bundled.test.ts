import { createHash, randomBytes } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startServer, type Server } from "@img/local-server";
import commonjs from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { rollup, type RollupBuild } from "rollup";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build as vite } from "vite";
import webpack from "webpack";
import { root } from "./workspace.js";

/** An app that uses each kind of thread: lanes, MD5s of parts, and the digest of more than 4 MiB. */
const app = `
  import { downloadImage, uploadImage } from "@img/node-fs";
  const path = process.argv[2];
  const run = async () => {
    const options = { partBytes: 5 * 2 ** 20, threads: 2, verifyParts: "md5" };
    const { image } = await uploadImage(path, { ...options, name: process.argv[3] });
    const { sha256 } = await downloadImage(image.id, path + ".back", { threads: 2, overwrite: true });
    console.log(sha256);
  };
  void run();
`;

let folder: string;
let server: Server;
const bytes = randomBytes(12_000_000);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "img-bundled-")); // where no package is
  server = await startServer({ dir: join(folder, "store"), port: 0 });
  await writeFile(join(folder, "disk.img"), bytes);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** What a CommonJS dependency needs in an ES module of esbuild's, according to esbuild's documentation. */
const banner = {
  js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
};
const extension = { esm: "mjs", cjs: "cjs" } as const;
type Format = keyof typeof extension;

async function withEsbuild(format: Format, outfile: string): Promise<void> {
  const { warnings } = await esbuild({
    stdin: { contents: app, resolveDir: join(root, "examples") },
    bundle: true,
    platform: "node",
    format,
    outfile,
    logLevel: "silent",
    ...(format === "esm" && { banner }),
  });
  expect(warnings.map(({ text }) => text)).toEqual([]);
}

/** For those that read the app from a file, beside the packages that it names. */
async function withEntry<Made>(
  name: string,
  bundle: (entry: string) => Promise<Made>,
): Promise<Made> {
  const entry = join(root, "examples", `.bundled-${name}.mjs`);
  await writeFile(entry, app);
  try {
    return await bundle(entry);
  } finally {
    await rm(entry);
  }
}

const withVite = (format: Format, outfile: string): Promise<void> =>
  withEntry(`vite-${format}`, async (entry) => {
    await vite({
      configFile: false,
      root: join(root, "examples"),
      logLevel: "error",
      ssr: { noExternal: true },
      build: {
        ssr: entry,
        outDir: folder,
        emptyOutDir: false,
        minify: false,
        rolldownOptions: {
          output: {
            format,
            entryFileNames: outfile.slice(folder.length + 1),
            codeSplitting: false,
          },
        },
      },
    });
  });

let parsed: Promise<RollupBuild> | null = null;

/** As the command in docs/other-runtimes.md; the modules are read once, which takes most of its time. */
async function withRollup(format: Format, file: string): Promise<void> {
  parsed ??= parseForRollup();
  await (await parsed).write({ file, format, inlineDynamicImports: true });
}

/** Its types describe its CommonJS build. */
const commonjsPlugin = commonjs as unknown as typeof commonjs.default;

const parseForRollup = (): Promise<RollupBuild> =>
  withEntry("rollup", (input) => {
    const plugins = [nodeResolve(), commonjsPlugin({ ignore: ["node:sqlite"] })];
    const onwarn = ({ message }: { message: string }): never => {
      throw new Error(message);
    };
    return rollup({ input, external: /^node:/, plugins, onwarn });
  });

/** As the configuration in docs/other-runtimes.md. */
const withWebpack = (format: Format, outfile: string): Promise<void> =>
  withEntry(`webpack-${format}`, async (entry) => {
    const isModule = format === "esm";
    const compiler = webpack({
      mode: "none",
      target: "node20",
      context: join(root, "examples"),
      entry,
      experiments: { outputModule: isModule },
      output: { path: folder, filename: outfile.slice(folder.length + 1), module: isModule },
      module: { parser: { javascript: { dynamicImportMode: "eager" } } },
    });
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      compiler.run((error, done) => (error === null ? resolve(done) : reject(error)));
    });
    expect(stats?.toString({ all: false, errors: true, warnings: true })).toBe("");
  });

test.each([
  ["esbuild", "esm", withEsbuild],
  ["esbuild", "cjs", withEsbuild],
  ["Vite", "esm", withVite],
  ["Vite", "cjs", withVite],
  ["Rollup", "esm", withRollup],
  ["Rollup", "cjs", withRollup],
  ["webpack", "esm", withWebpack],
  ["webpack", "cjs", withWebpack],
] as const)(
  "an app that %s bundles into one %s file runs, with its threads",
  { timeout: 180_000 },
  async (name, format, bundle) => {
    const outfile = join(folder, `${name}.${extension[format]}`);
    await bundle(format, outfile);
    const args = [outfile, join(folder, "disk.img"), `${name}-${format}`];
    const env = {
      ...process.env,
      SFC_SERVER_URL: server.url,
      SFC_BEARER_AUTH: server.token,
      XDG_STATE_HOME: folder,
    };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
    expect(stdout.trim()).toBe(createHash("sha256").update(bytes).digest("hex"));
  },
);
