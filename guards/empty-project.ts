// An empty project with the packages as they would be published: packed, and installed by npm from the tarballs.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packages, root, type Package } from "./workspace.js";

const run = promisify(execFile);

export interface Tarball {
  readonly package: Package;
  readonly path: string;
  /** The files in it, without the leading `package/`. */
  readonly files: readonly string[];
}

export interface Answer {
  readonly code: number;
  readonly output: string;
}

export class EmptyProject {
  readonly folder: string;
  readonly tarballs: readonly Tarball[];

  constructor(folder: string, tarballs: readonly Tarball[]) {
    this.folder = folder;
    this.tarballs = tarballs;
  }

  installed(name: string): string {
    return join(this.folder, "node_modules", name);
  }

  /** Runs a command in the project, and collects its output. */
  async run(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    // pnpm starts the tests with NODE_PATH, by which packages outside of this project would be found.
    const all = { ...process.env, NODE_PATH: "", ...env };
    const options = { cwd: this.folder, env: all, maxBuffer: 2 ** 26 };
    return run(command, args, options).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      (error: unknown) => {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, output: stdout + stderr };
      },
    );
  }
}

/** Makes the project. The caller deletes its folder. */
export async function emptyProject(): Promise<EmptyProject> {
  const folder = await mkdtemp(join(tmpdir(), "img-installed-"));
  const tarballs = await pack(folder);
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  const project = new EmptyProject(folder, tarballs);
  const paths = tarballs.map(({ path }) => path);
  const npm = await project.run("npm", [
    "install",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    ...paths,
  ]);
  if (npm.code !== 0) throw new Error(`npm cannot install the tarballs:\n${npm.output}`);
  await linkNodeTypes(folder);
  return project;
}

/** Packs all by one command, since starting it takes longer than packing. */
async function pack(folder: string): Promise<Tarball[]> {
  const folders = packages.map((each) => each.folder);
  const args = ["pack", "--json", "--pack-destination", folder, ...folders];
  const { stdout } = await run("npm", args, { cwd: root, maxBuffer: 2 ** 26 });
  const packed = JSON.parse(stdout) as {
    name: string;
    filename: string;
    files: { path: string }[];
  }[];
  return packages.map((each) => {
    const own = packed.find(({ name }) => name === each.manifest.name);
    if (own === undefined) throw new Error(`npm packed nothing in ${each.folder}`);
    const files = own.files.map(({ path }) => path);
    return { package: each, path: join(folder, own.filename), files };
  });
}

/** Links Node's types, which a user on Node has; they are not a dependency of ours. */
async function linkNodeTypes(folder: string): Promise<void> {
  const types = realpathSync(join(root, "node_modules/@types/node"));
  await mkdir(join(folder, "node_modules/@types"));
  await symlink(types, join(folder, "node_modules/@types/node"));
  await symlink(join(types, "../../undici-types"), join(folder, "node_modules/undici-types"));
}
