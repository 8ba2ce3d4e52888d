// The repository as the guards see it.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const root: string = dirname(import.meta.dirname);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly license?: string;
  readonly files?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Package {
  readonly folder: string;
  readonly manifest: Manifest;
}

export const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** The published packages. */
export const packages: readonly Package[] = readdirSync(join(root, "packages"))
  .map((name) => join(root, "packages", name))
  .map((folder) => ({ folder, manifest: readManifest(folder) }));

/** Lists every hand-written file of a folder, as absolute paths. */
export function filesIn(folder: string, endsWith: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return made.test(entry.name) ? [] : filesIn(path, endsWith);
    return endsWith.test(entry.name) ? [path] : [];
  });
}

const made = /^(node_modules|dist|coverage|testdata|api|\..*)$/;

/** Lists every file of a folder except built, installed and hidden ones. */
export function allIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    return entry.isDirectory() && !/^(node_modules|dist|\..*)$/.test(entry.name) ? allIn(path) : [];
  });
}

/** Returns a path for messages. */
export const short = (path: string): string => relative(root, path);

/** Returns the modules that a source imports, also for types. */
export function importsOf(source: string): string[] {
  const statement =
    /(?:^|[\s;}])(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/g;
  return [...source.matchAll(statement)].map((match) => match[1] ?? match[2] ?? "");
}
