import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { ReleasedPackage } from "./packages.js";
import { renameIn, renameManifest } from "./rename.js";
import { run } from "./run.js";

/** A packed package. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

interface Packed {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
}

const texts = new Set([".js", ".ts", ".map", ".json", ".md", ".html", ".css", ".txt"]);

/**
 * Packs built packages under their released names: in manifests, imports, maps and documents.
 *
 * @param out The folder for the tarballs; it must exist.
 */
export async function packAll(
  packages: readonly ReleasedPackage[],
  out: string,
): Promise<readonly Tarball[]> {
  const work = await mkdtemp(join(tmpdir(), "img-release-"));
  try {
    const packed = await npmPack(
      packages.map(({ folder }) => folder),
      work,
    );
    const renamed: string[] = [];
    for (const { filename } of packed) renamed.push(await unpackRenamed(work, filename, packages));
    return (await npmPack(renamed, out)).map(({ name, version, filename }) => ({
      name,
      version,
      path: join(out, filename),
    }));
  } finally {
    await rm(work, { recursive: true });
  }
}

/** Packs all by one command, since starting it takes longer than packing. */
async function npmPack(folders: readonly string[], out: string): Promise<readonly Packed[]> {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", out, ...folders];
  return JSON.parse(await run("npm", args, { cwd: out })) as Packed[];
}

async function unpackRenamed(
  work: string,
  filename: string,
  packages: readonly ReleasedPackage[],
): Promise<string> {
  const folder = await mkdtemp(join(work, "package-"));
  await run("tar", ["-xzf", join(work, filename), "-C", folder], { cwd: work });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && texts.has(extname(entry.name)));
  await Promise.all(files.map((entry) => renameFile(join(entry.parentPath, entry.name), packages)));
  const manifest = join(folder, "package/package.json");
  const json = JSON.parse(await readFile(manifest, "utf8")) as Record<string, unknown>;
  await writeFile(manifest, `${JSON.stringify(renameManifest(json, packages), null, 2)}\n`);
  return join(folder, "package");
}

/** Renames in a file. A manifest is skipped: its names are replaced later, together with its versions. */
async function renameFile(path: string, packages: readonly ReleasedPackage[]): Promise<void> {
  if (path.endsWith("package/package.json") || path.endsWith("package\\package.json")) return;
  const text = await readFile(path, "utf8");
  const renamed = renameIn(text, packages);
  if (renamed !== text) await writeFile(path, renamed);
}
