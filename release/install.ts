import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tarball } from "./pack.js";
import { run } from "./run.js";

/** Installs tarballs into an empty project, as a user of a release does. */
export async function installIn(project: string, tarballs: readonly Tarball[]): Promise<void> {
  const { version } = tarballs[0]!;
  const manifest = { name: "img-release", version, type: "module", private: true };
  await writeFile(join(project, "package.json"), JSON.stringify(manifest));
  const paths = tarballs.map(({ path }) => path);
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
  await run("npm", ["install", ...quiet, ...paths], { cwd: project });
}

/** Imports what each installed package exports, and runs the command. Throws if one of them fails. */
export async function tryOut(project: string, tarballs: readonly Tarball[]): Promise<void> {
  for (const { name, version } of tarballs) {
    if (name.endsWith("/cli")) {
      const main = join(project, "node_modules", name, "dist/main.js");
      const said = await run(process.execPath, [main, "--version"], { cwd: project });
      if (said.trim() !== version) throw new Error(`${name} says it is ${said.trim()}`);
    } else {
      const importing = `await import(${JSON.stringify(name)})`;
      await run(process.execPath, ["--input-type=module", "-e", importing], { cwd: project });
    }
  }
}

/** Makes the software bill of materials of what was installed, as CycloneDX JSON. */
export const billOfMaterials = (project: string): Promise<string> =>
  run("npm", ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev"], { cwd: project });
