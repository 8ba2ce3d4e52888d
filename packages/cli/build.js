// Bundles the command: 250 modules and their packages are a few files then, and start in a third of the time.
import { build } from "esbuild";
import { readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";

/** Loaded only by the commands that need it: a file of its own, which the others need not parse. */
const apart = {
  serve: "./serve.js",
  "smol-toml": "smol-toml",
  tinyglobby: "tinyglobby",
};
/** Of Node's own undici elsewhere; loading a second one costs a fifth of a small file's upload (measured). */
const webNames = /\bnew (?:Headers|Request|Response)\(|(?<![.\w] ?)\bfetch\(/;
const importWebNames = 'import { fetch, Headers, Request, Response } from "undici";';

rmSync("dist", { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: {
    main: "src/main.ts",
    "run-img": "src/run-img.ts",
    serve: "src/serve.ts",
    "smol-toml": "smol-toml",
    tinyglobby: "tinyglobby",
    ...threads(),
  },
  outdir: "dist",
  bundle: true,
  // As CommonJS, which loads in half the time (measured); what is loaded later is no other file's copy then.
  format: "cjs",
  supported: { "dynamic-import": false },
  define: { "import.meta.url": "urlOfFile" },
  banner: { js: `const urlOfFile = require("node:url").pathToFileURL(__filename).href;` },
  platform: "node",
  target: "node20.15",
  minify: true,
  sourcemap: true,
  sourcesContent: true,
  legalComments: "none",
  // 10 MB that only a server on a bucket loads: it stays a package beside the bundle.
  external: ["@aws-sdk/*"],
  plugins: [
    { name: "apart", setup: keepApart },
    { name: "parts-of-undici", setup: takePartsOfUndici },
    { name: "little-of-http", setup: takeLittleOfHttp },
    { name: "our-packages", setup: adaptOurPackages },
    { name: "node-names", setup: nameNodesModules },
    { name: "never-used", setup: leaveOutNeverUsed },
  ],
  metafile: true,
  logLevel: "warning",
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

/**
 * Of undici's 111 modules those behind these names: they load in a third of the time (measured). Whoever
 * imports another name of it hears so from the bundler.
 */
function takePartsOfUndici({ onResolve, onLoad }) {
  const resolveDir = realpathSync("node_modules/@img/node-fs");
  onResolve({ filter: /^undici$/ }, () => ({
    path: "undici",
    namespace: "parts-of-undici",
    sideEffects: false,
  }));
  onLoad({ filter: /.*/, namespace: "parts-of-undici" }, () => ({
    contents: `
      export { default as Agent } from "undici/lib/dispatcher/agent.js";
      export { default as Client } from "undici/lib/dispatcher/client.js";
      export { fetch } from "undici/lib/web/fetch/index.js";
      export { Headers } from "undici/lib/web/fetch/headers.js";
      export { Request } from "undici/lib/web/fetch/request.js";
      export { Response } from "undici/lib/web/fetch/response.js";
    `,
    resolveDir,
  }));
}

/**
 * undici asks Node's own HTTP for three values. To load it for them takes a twentieth of a short command
 * (measured); `STATUS_CODES` is for HTTP/2, and nobody hands an `IncomingMessage` on.
 */
function takeLittleOfHttp({ onResolve, onLoad }) {
  onResolve({ filter: /^node:http$/ }, ({ importer }) =>
    importer.includes("/undici/") ? { path: "http", namespace: "little-of-http" } : undefined,
  );
  onLoad({ filter: /.*/, namespace: "little-of-http" }, () => ({
    contents: `
      exports.maxHeaderSize = 16_384; // Node's default
      exports.STATUS_CODES = {};
      exports.IncomingMessage = class {};
    `,
  }));
}

/** What runs in threads of its own, each a file: `digest-worker.js` and its like. */
function threads() {
  const folders = ["node_modules/@img/node-fs/dist", "node_modules/@img/local-server/dist"];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
  );
  const workers = files.filter((file) => /-worker\.js$/.test(file));
  return Object.fromEntries(workers.map((file) => [basename(file, ".js"), file]));
}

/** In the bundle all files stand beside each other, and there is one undici. */
function adaptOurPackages({ onLoad }) {
  onLoad({ filter: /packages\/(?:core|node-fs|local-server)\/dist\/.*\.js$/ }, ({ path }) => {
    const text = readFileSync(path, "utf8").replace(
      /new URL\("(?:\.\.\/)+dist\/(?:[\w-]+\/)*([\w-]+-worker\.js)"/g,
      'new URL("./$1"',
    );
    const contents = webNames.test(text) ? `${importWebNames}\n${text}` : text;
    return { contents, resolveDir: dirname(path) };
  });
}

/** Node's own modules are named as such, so that nobody takes them for a package that is missing. */
function nameNodesModules({ onResolve }) {
  onResolve({ filter: new RegExp(`^(${builtinModules.join("|")})$`) }, ({ path }) => ({
    path: `node:${path}`,
    external: true,
  }));
}

/**
 * What is loaded elsewhere for cases that img does not have: commander starts subcommands that are programs
 * of their own, and undici speaks HTTP/2 where it is told to.
 */
function leaveOutNeverUsed({ onResolve, onLoad }) {
  const none = { path: "none", namespace: "never-used" };
  onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
    importer.includes("/commander/") ? none : undefined,
  );
  onResolve({ filter: /\/client-h2\.js$/ }, () => none);
  onLoad({ filter: /.*/, namespace: "never-used" }, () => ({ contents: "" }));
}

/** What is bundled is passed on, and so is its licence. */
function licences({ inputs }) {
  const folders = Object.keys(inputs)
    .map((file) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1])
    .filter((folder) => folder !== undefined && !folder.includes("/@img/"));
  return [...new Set(folders)].sort().map(licenceOf).join("\n\n");
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence file`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}
