// How the command is bundled: its 250 modules and their packages become a few files, which start in a third of
// the time.
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";

/** Matches built files of our own packages, on Windows too. */
const ourPackages = /packages[\\/](?:core|node-fs|local-server)[\\/]dist[\\/].*\.js$/;
const workerFile =
  /new URL\("(?:\.\.\/)+dist\/(?:[\w-]+\/)*([\w-]+-worker\.js)", import\.meta\.url\)/g;
/**
 * Matches node-fs's modules that contain the scripts of its threads. In this bundle the scripts are files of
 * their own.
 */
const workerScript = /node-fs[\\/]dist[\\/].*[\\/]([\w-]+-worker)-script\.js$/;

/** The options that all bundles of the command share. */
export const shared = {
  bundle: true,
  supported: { "dynamic-import": false },
  platform: "node",
  target: "node20.15",
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

/** Bundled packages of CommonJS call `require`, which an ES module does not have. */
export const requireForPackages =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** Returns the esbuild plugins of a bundle. @param workerUrl Writes the expression for the URL of a worker's file. */
export const plugins = (workerUrl) => [
  { name: "our-packages", setup: (build) => adaptOurPackages(build, workerUrl) },
  { name: "node-names", setup: nameNodesModules },
];

/** Lists the entry points of the threads, each a file of its own, such as `digest-worker.js`. */
export function threads() {
  const folders = ["node_modules/@img/node-fs/dist", "node_modules/@img/local-server/dist"];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
  );
  const workers = files.filter((file) => /-worker\.js$/.test(file));
  return Object.fromEntries(workers.map((file) => [basename(file, ".js"), file]));
}

/** Adapts our packages to the bundle, in which all files are in one folder. */
function adaptOurPackages({ onLoad }, workerUrl) {
  onLoad({ filter: workerScript }, ({ path }) => {
    const name = workerScript.exec(path)[1];
    const exported = name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    const url = workerUrl(`${name}.js`);
    const contents = `export const ${exported}Script = () => \`import(\${JSON.stringify(${url}.href)})\`;`;
    return { contents, resolveDir: dirname(path) };
  });
  onLoad({ filter: ourPackages }, ({ path }) => {
    const contents = readFileSync(path, "utf8").replace(workerFile, (_, name) => workerUrl(name));
    return { contents, resolveDir: dirname(path) };
  });
}

/** Gives Node's own modules their `node:` prefix, so that no tool takes them for a missing package. */
function nameNodesModules({ onResolve }) {
  const bare = builtinModules.filter((name) => !name.startsWith("node:"));
  onResolve({ filter: new RegExp(`^(${bare.join("|")})$`) }, ({ path }) => ({
    path: `node:${path}`,
    external: true,
  }));
}

/** Returns the licence texts of all bundled packages: they are published with the bundle. */
export function licences({ inputs }) {
  const folders = Object.keys(inputs)
    .map((file) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1])
    .filter((folder) => folder !== undefined && !folder.includes("/@img/"));
  const found = [...new Set(folders)].sort().map(licenceOf);
  return found.map((one) => licenceText(one, found)).join("\n\n");
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? null : readFileSync(join(folder, file), "utf8").trim();
  return { name, version, license, text };
}

/**
 * Returns the licence of a package. One without a licence file gets the text of another package with the same
 * Apache licence.
 */
function licenceText({ name, version, license, text }, all) {
  const sameText =
    license === "Apache-2.0" && all.find((one) => one.license === license && one.text);
  const found = text ?? (sameText ? sameText.text : null);
  if (found === null) throw new Error(`${name} has no licence file`);
  return `${name} ${version} (${license})\n\n${found}\n`;
}
