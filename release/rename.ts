import { scopeHere } from "./config.js";

/** The name of a package in this repository, and the name and version under which it is released. */
export interface ReleasedName {
  readonly here: string;
  readonly name: string;
  readonly version: string;
}

/** Replaces every mention of our packages in a text, an import or a document by the released scope. */
export function renameIn(text: string, names: readonly ReleasedName[]): string {
  const shortNames = names.map(({ here }) => here.slice(scopeHere.length + 1)).join("|");
  const mention = new RegExp(`${scopeHere}/(${shortNames})(?![\\w-])`, "g");
  const released = new Map(names.map(({ here, name }) => [here, name]));
  return text.replace(mention, (here) => released.get(here) ?? here);
}

type Manifest = Readonly<Record<string, unknown>>;

/**
 * Returns a package's manifest with its released name and version, and those of the packages that it depends
 * on.
 */
export function renameManifest(manifest: Manifest, names: readonly ReleasedName[]): Manifest {
  const own = names.find(({ here }) => here === manifest["name"]);
  if (own === undefined) throw new Error(`bug: ${String(manifest["name"])} is not released`);
  const dependencies = manifest["dependencies"] as Readonly<Record<string, string>> | undefined;
  return {
    ...manifest,
    name: own.name,
    version: own.version,
    ...(dependencies && { dependencies: renameDependencies(dependencies, names) }),
  };
}

function renameDependencies(
  dependencies: Readonly<Record<string, string>>,
  names: readonly ReleasedName[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(dependencies).map(([here, range]) => {
      const own = names.find((one) => one.here === here);
      return own === undefined ? [here, range] : [own.name, own.version];
    }),
  );
}
