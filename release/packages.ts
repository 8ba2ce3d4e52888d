import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReleasedName } from "./rename.js";
import { scopeHere, type ReleaseConfig } from "./config.js";

/** A folder that is released as a package. */
export interface ReleasedPackage extends ReleasedName {
  readonly folder: string;
}

/** Lists the packages of a checkout, with the names and versions under which they are released. */
export async function releasedPackages(
  root: string,
  { scope }: ReleaseConfig,
): Promise<readonly ReleasedPackage[]> {
  const folders = await readdir(join(root, "packages"));
  return Promise.all(
    folders.sort().map(async (entry) => {
      const folder = join(root, "packages", entry);
      const { name, version } = await manifestOf(folder);
      return { folder, here: name, name: name.replace(scopeHere, scope), version };
    }),
  );
}

async function manifestOf(folder: string): Promise<{ name: string; version: string }> {
  const text = await readFile(join(folder, "package.json"), "utf8");
  return JSON.parse(text) as { name: string; version: string };
}
