import { cp, mkdir, readdir, readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";

const packagesFolder = join(import.meta.dirname, "../../..");

/** What a page needs of this package, and of those that it depends on, as npm would install it. */
const installed: readonly (readonly [name: string, from: () => Promise<string>])[] = [
  ...["browser-blob", "transfer", "core", "disk-formats"].map(
    (name) => [`@img/${name}`, async () => join(packagesFolder, name)] as const,
  ),
];

/** What is loaded with a disk image only, so that a page without any needs it in no import map. */
const ofDiskImages = ["fflate", "zstddec"].map(
  (name) =>
    [name, () => realpath(join(packagesFolder, "disk-formats/node_modules", name))] as const,
);

/** Copies the packages, as they are published, into a folder's `node_modules`. */
export async function installInto(folder: string): Promise<void> {
  for (const [name, from] of [...installed, ...ofDiskImages]) {
    const source = await from();
    const target = join(folder, "node_modules", name);
    await mkdir(target, { recursive: true });
    const left = new Set(["node_modules", "src"]);
    await cp(source, target, { recursive: true, filter: (path) => !left.has(basename(path)) });
  }
}

/** Every script below a folder, by the path that a page finds it under. */
export async function scriptsBelow(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".js"));
  const texts = names.map(async (name) => [`/${name}`, await readFile(join(folder, name), "utf8")]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}

/** The import map that gives each entry of those packages the file that its `exports` name. */
export async function importMapOf(folder: string): Promise<{ imports: Record<string, string> }> {
  const imports: Record<string, string> = {};
  for (const [name] of installed) {
    const text = await readFile(join(folder, "node_modules", name, "package.json"), "utf8");
    const { exports } = JSON.parse(text) as { exports: Exports };
    for (const [subpath, file] of entriesOf(exports)) {
      imports[name + subpath.slice(1)] = `/node_modules/${name}/${file.replace("./", "")}`;
    }
  }
  return { imports };
}

type Entry =
  string | { readonly default: string } | { readonly import: { readonly default: string } };
type Exports = Entry | Readonly<Record<string, Entry>>;

function fileOf(entry: Entry): string {
  if (typeof entry === "string") return entry;
  return "import" in entry ? entry.import.default : entry.default;
}

/** A pattern becomes a folder, which an import map knows by its last slash. */
function entriesOf(exports: Exports): readonly (readonly [string, string])[] {
  if (typeof exports === "string" || "default" in exports || "import" in exports) {
    return [[".", fileOf(exports as Entry)]];
  }
  return Object.entries(exports).map(([subpath, entry]) => [
    subpath.replace(/\*.*/, ""),
    fileOf(entry).replace(/\*.*/, ""),
  ]);
}
