// Builds one file that runs without Node: the command, its threads, the server and its page inside of a Node
// of its own (a "single executable application"). Run by `npm run package`, with Node 26 or later, which
// becomes part of the file.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { licences, plugins, shared, threads } from "./bundle.js";

const out = resolve("../../dist/executable");
const name = `img-${process.platform}-${process.arch}${process.platform === "win32" ? ".exe" : ""}`;
const workers = threads();

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "parts"), { recursive: true });
const { metafile } = await build({
  ...shared,
  entryPoints: { img: "src/main.ts" },
  outdir: join(out, "parts"),
  format: "cjs",
  target: "node26",
  define: { "import.meta.url": '"file:///img"' },
  banner: { js: workerFromAssets() },
  plugins: plugins((file) => `urlOfWorker("${file}")`),
});
// A thread is started from a `data:` URL, whose code is an ES module.
await build({
  ...shared,
  entryPoints: workers,
  outdir: join(out, "parts"),
  format: "esm",
  outExtension: { ".js": ".mjs" },
  target: "node26",
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire("file:///img");',
  },
  plugins: plugins((file) => `urlOfWorker("${file}")`),
});
writeFileSync(join(out, "parts/page.json"), JSON.stringify(pageFiles()));
writeFileSync(join(out, "THIRD-PARTY-LICENSES.txt"), licences(metafile));
writeFileSync(join(out, "parts/sea.json"), JSON.stringify(configuration()));
execFileSync(process.execPath, ["--build-sea", join(out, "parts/sea.json")], { stdio: "inherit" });
chmodSync(join(out, name), 0o755);

function configuration() {
  const files = Object.keys(workers).map((worker) => [
    `${worker}.js`,
    join(out, "parts", `${worker}.mjs`),
  ]);
  return {
    main: join(out, "parts/img.js"),
    output: join(out, name),
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // NODE_OPTIONS is meant for a Node that the user runs, not for the one inside of this program.
    execArgvExtension: "none",
    assets: { ...Object.fromEntries(files), "page.json": join(out, "parts/page.json") },
  };
}

function workerFromAssets() {
  return `const urlOfWorker = (name) => new URL("data:text/javascript;base64," +
    Buffer.from(require("node:sea").getRawAsset(name)).toString("base64"));`;
}

/** Reads the files of the server's page, keyed by path, in base64. */
function pageFiles() {
  const folder = "node_modules/@img/local-server/dist/page";
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.map((path) => [
      path.slice(folder.length).replaceAll("\\", "/"),
      readFileSync(path).toString("base64"),
    ]),
  );
}
