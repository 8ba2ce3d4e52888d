import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.js";

/** The version and the changelog of the next release. */
export interface NextRelease {
  readonly version: string;
  /** The newest section of a package's changelog. */
  readonly changes: string;
}

/**
 * Turns the changesets into a version and a changelog, as the release does it, in a copy of the last commit. If
 * there is no changeset, one is made up.
 */
export async function nextRelease(root: string): Promise<NextRelease> {
  const copy = await mkdtemp(join(tmpdir(), "img-versions-"));
  try {
    await run("git", ["clone", "--quiet", "--depth", "1", `file://${root}`, copy], { cwd: root });
    await makeUpChangeset(join(copy, ".changeset"));
    const changesets = join(root, "node_modules/@changesets/cli/bin.js");
    await run(process.execPath, [changesets, "version"], { cwd: copy });
    const changelog = await readFile(join(copy, "packages/core/CHANGELOG.md"), "utf8");
    const [, version = "", changes = ""] =
      /^## (\S+)\n([^]*?)(?=\n## |$(?![^]))/m.exec(changelog) ?? [];
    return { version, changes: changes.trim() };
  } finally {
    await rm(copy, { recursive: true });
  }
}

async function makeUpChangeset(folder: string): Promise<void> {
  const changesets = (await readdir(folder)).filter((entry) => /(?<!README)\.md$/.test(entry));
  if (changesets.length === 0) await writeFile(join(folder, "rehearsal.md"), madeUpChangeset);
}

const madeUpChangeset = `---
"@img/core": patch
---

A rehearsed release had no changes. It has this one.
`;
