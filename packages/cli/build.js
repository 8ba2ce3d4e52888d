// Builds the command as it is published: a few files of CommonJS.
import { build } from "esbuild";
import { rmSync, writeFileSync } from "node:fs";
import { licences, plugins, shared, threads } from "./bundle.js";

/** Loaded only by the commands that need it: a file of its own, which the others need not parse. */
const apart = {
  serve: "./serve.js",
  "disk-formats": "@img/disk-formats",
  "smol-toml": "smol-toml",
  tinyglobby: "tinyglobby",
};

rmSync("dist", { recursive: true, force: true });
const { metafile } = await build({
  ...shared,
  entryPoints: {
    main: "src/main.ts",
    serve: "src/serve/serve.ts",
    "disk-formats": "@img/disk-formats",
    "smol-toml": "smol-toml",
    tinyglobby: "tinyglobby",
    ...threads(),
  },
  outdir: "dist",
  // As CommonJS, which loads in half the time (measured); what is loaded later is no other file's copy then.
  format: "cjs",
  define: { "import.meta.url": "urlOfFile" },
  banner: { js: `const urlOfFile = require("node:url").pathToFileURL(__filename).href;` },
  sourcemap: true,
  sourcesContent: true,
  // An optional package, which only a server on a bucket loads.
  external: ["@aws-sdk/*"],
  plugins: [
    { name: "apart", setup: keepApart },
    ...plugins((name) => `new URL("./${name}", import.meta.url)`),
  ],
});
writeFileSync("dist/package.json", '{ "type": "commonjs" }\n');
writeFileSync("dist/THIRD-PARTY-LICENSES.txt", licences(metafile));

function keepApart({ onResolve }) {
  for (const [name, path] of Object.entries(apart)) {
    onResolve({ filter: new RegExp(`^${path.replaceAll(".", "\\.")}$`) }, ({ kind }) =>
      kind === "dynamic-import" ? { path: `./${name}.js`, external: true } : undefined,
    );
  }
}
