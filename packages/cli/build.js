// Bundles the command: 85 modules and their packages are a few files then, and start in half the time.
import { build } from "esbuild";
import { readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";

rmSync("dist", { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { main: "src/main.ts", ...threads() },
  outdir: "dist",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.15",
  sourcemap: true,
  sourcesContent: true,
  legalComments: "none",
  // 10 MB that only a server on a bucket loads: it stays a package beside the bundle.
  external: ["@aws-sdk/*"],
  // undici is CommonJS, and asks for Node's own modules as such.
  banner: {
    js: `import { createRequire as requireFrom } from "node:module";\nconst require = requireFrom(import.meta.url);`,
  },
  plugins: [
    { name: "two-of-undici", setup: takeTwoOfUndici },
    { name: "threads-beside", setup: findThreadsBeside },
    { name: "node-names", setup: nameNodesModules },
  ],
  metafile: true,
  logLevel: "warning",
});
writeFileSync("dist/THIRD-PARTY-LICENSES.txt", licences(metafile));

/**
 * Of undici's 111 modules the transport needs the 29 behind these two: they load in a third of the time
 * (measured). Whoever imports another name of it hears so from the bundler.
 */
function takeTwoOfUndici({ onResolve, onLoad }) {
  const resolveDir = realpathSync("node_modules/@img/node-fs");
  onResolve({ filter: /^undici$/ }, () => ({ path: "undici", namespace: "two-of-undici" }));
  onLoad({ filter: /.*/, namespace: "two-of-undici" }, () => ({
    contents: `
      export { default as buildConnector } from "undici/lib/core/connect.js";
      export { default as EnvHttpProxyAgent } from "undici/lib/dispatcher/env-http-proxy-agent.js";
    `,
    resolveDir,
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

/** In the bundle all files stand beside each other. */
function findThreadsBeside({ onLoad }) {
  onLoad({ filter: /(node-fs|local-server)\/dist\/.*\.js$/ }, ({ path }) => ({
    contents: readFileSync(path, "utf8").replace(
      /new URL\("(?:\.\.\/)+dist\/(?:[\w-]+\/)*([\w-]+-worker\.js)"/g,
      'new URL("./$1"',
    ),
    resolveDir: dirname(path),
  }));
}

/** Node's own modules are named as such, so that nobody takes them for a package that is missing. */
function nameNodesModules({ onResolve }) {
  onResolve({ filter: new RegExp(`^(${builtinModules.join("|")})$`) }, ({ path }) => ({
    path: `node:${path}`,
    external: true,
  }));
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
