// How the command is bundled: 250 modules and their packages are a few files then, and start in a third of the time.
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";

/** Built files of our own packages, on Windows too. */
const ourPackages = /packages[\\/](?:core|node-fs|local-server)[\\/]dist[\\/].*\.js$/;
const workerFile =
  /new URL\("(?:\.\.\/)+dist\/(?:[\w-]+\/)*([\w-]+-worker\.js)", import\.meta\.url\)/g;
/** Of node-fs, which has the scripts of its threads in these modules; here they are files of their own. */
const workerScript = /node-fs[\\/]dist[\\/].*[\\/]([\w-]+-worker)-script\.js$/;

/** What every bundle of the command has in common. */
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

/** @param workerUrl Writes the expression for the URL of a worker's file. */
export const plugins = (workerUrl) => [
  { name: "our-packages", setup: (build) => adaptOurPackages(build, workerUrl) },
  { name: "node-names", setup: nameNodesModules },
];

/** What runs in threads of its own, each a file: `digest-worker.js` and its like. */
export function threads() {
  const folders = ["node_modules/@img/node-fs/dist", "node_modules/@img/local-server/dist"];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
  );
  const workers = files.filter((file) => /-worker\.js$/.test(file));
  return Object.fromEntries(workers.map((file) => [basename(file, ".js"), file]));
}

/** In the bundle all files stand beside each other. */
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

/** Node's own modules are named as such, so that nobody takes them for a package that is missing. */
function nameNodesModules({ onResolve }) {
  const bare = builtinModules.filter((name) => !name.startsWith("node:"));
  onResolve({ filter: new RegExp(`^(${bare.join("|")})$`) }, ({ path }) => ({
    path: `node:${path}`,
    external: true,
  }));
}

/** What is bundled is passed on, and so is its licence. */
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

/** A package without a licence file has the text of another one under the same Apache licence. */
function licenceText({ name, version, license, text }, all) {
  const sameText =
    license === "Apache-2.0" && all.find((one) => one.license === license && one.text);
  const found = text ?? (sameText ? sameText.text : null);
  if (found === null) throw new Error(`${name} has no licence file`);
  return `${name} ${version} (${license})\n\n${found}\n`;
}
