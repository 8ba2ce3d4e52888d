import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";

export interface Scripts {
  readonly page: string;
  /** By the paths that the page finds them under. */
  readonly workers: Readonly<Record<string, string>>;
}

/**
 * A page's script and its workers, made from the sources.
 *
 * @param entry Imports as from this folder.
 */
export async function scriptsOf(entry: string, options: BuildOptions = {}): Promise<Scripts> {
  const given = { ...common, ...options, write: false as const };
  const page = await build({
    ...given,
    stdin: { contents: entry, resolveDir: import.meta.dirname, loader: "ts" },
    plugins: [fromSources],
  });
  const names = ["image-worker", "clock-worker"];
  const workers = await build({
    ...given,
    entryPoints: names.map((name) => `${import.meta.dirname}/../${name}.ts`),
    outdir: "/",
  });
  return {
    page: page.outputFiles[0]!.text,
    workers: Object.fromEntries(
      workers.outputFiles.map(({ path, text }) => [path.replace(/^.*\//, "/"), text]),
    ),
  };
}

/** The exports of a file of this folder, which the page has as `img`. */
export const pageScripts = (file: string): Promise<Scripts> =>
  scriptsOf(`import * as img from "./${file}"; globalThis.img = img;`);

const common: BuildOptions = { bundle: true, format: "esm", target: "es2022" };

/** Each entry of a package's `exports` is the file that it is built from, as the tests of Node have it. */
export const fromSources: Plugin = {
  name: "from-sources",
  setup(bundling) {
    bundling.onResolve({ filter: /^@img\// }, ({ path }) => {
      const [, name = "", ...rest] = path.split("/");
      const folder = `${import.meta.dirname}/../../../${name}`;
      const { exports } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as {
        exports: Exports;
      };
      const built = builtFile(exports, [".", ...rest].join("/"));
      return { path: join(folder, built.replace("./dist/", "src/").replace(/\.js$/, ".ts")) };
    });
  },
};

type Target = string | { default: string } | { import: { default: string } };
type Exports = Readonly<Record<string, Target>>;

/** The file that a subpath stands for: by its own entry, or by the first pattern that fits. */
function builtFile(exports: Exports, subpath: string): string {
  for (const [key, target] of Object.entries(exports)) {
    const [before = "", after] = key.split("*");
    const fits =
      after === undefined ? key === subpath : subpath.startsWith(before) && subpath.endsWith(after);
    if (fits)
      return pathOf(target).replace(
        "*",
        subpath.slice(before.length, -(after?.length ?? 0) || undefined),
      );
  }
  throw new Error(`bug: ${subpath} is not exported`);
}

function pathOf(target: Target): string {
  if (typeof target === "string") return target;
  return "import" in target ? target.import.default : target.default;
}
