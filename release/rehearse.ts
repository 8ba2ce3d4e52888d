// Rehearses everything of a release except the registry: versions, changelog, tarballs under the released
// scope, their installation, checksums, bill of materials, provenance. `npm run release:rehearse -- --help`
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readReleaseConfig } from "./config.js";
import { billOfMaterials, installIn, tryOut } from "./install.js";
import { packAll, type Tarball } from "./pack.js";
import { releasedPackages } from "./packages.js";
import { checksumFile, digestOf, provenanceStatement } from "./provenance.js";
import { run } from "./run.js";
import { nextRelease } from "./versions.js";

const root = resolve(import.meta.dirname, "../..");

const usage = `Rehearses a release without publishing anything.

  npm run release:rehearse -- [--scope @NAME] [--out FOLDER]

  --scope @NAME   the npm scope of the packages [default: that of release.config.json]
  --out FOLDER    where the tarballs and their papers go [default: dist/release]
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      scope: { type: "string" },
      out: { type: "string", default: join(root, "dist/release") },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  const out = resolve(values.out);
  const config = await readReleaseConfig(join(root, "release.config.json"), values.scope);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const { version, changes } = await nextRelease(root);
  say("next", `${version}: ${changes.split("\n").at(-1) ?? ""}`);
  const packages = await releasedPackages(root, config);
  const tarballs = await packAll(packages, out);
  say("packed", tarballs.map((tarball) => `${tarball.name} ${tarball.version}`).join(", "));
  await tryInstalled(tarballs, out);
  await writePapers(tarballs, out);
  say(
    "done",
    `${out}; ${config.registry ? "ready to publish" : "release.config.json forbids to publish"}`,
  );
}

async function tryInstalled(tarballs: readonly Tarball[], out: string): Promise<void> {
  const project = await mkdtemp(join(tmpdir(), "img-installed-"));
  try {
    await installIn(project, tarballs);
    await tryOut(project, tarballs);
    say("installed", "in an empty project; every package can be imported, the command runs");
    await writeFile(join(out, "sbom.cdx.json"), await billOfMaterials(project));
  } finally {
    await rm(project, { recursive: true });
  }
}

async function writePapers(tarballs: readonly Tarball[], out: string): Promise<void> {
  const files = await Promise.all(
    [...tarballs.map(({ path }) => path), join(out, "sbom.cdx.json")].map(digestOf),
  );
  const commit = (await run("git", ["rev-parse", "HEAD"], { cwd: root })).trim();
  const statement = provenanceStatement(files, commit);
  await writeFile(join(out, "provenance.json"), `${JSON.stringify(statement, null, 2)}\n`);
  await writeFile(join(out, "SHA256SUMS"), checksumFile(files));
  say("papers", "SHA256SUMS, sbom.cdx.json, provenance.json");
}

const say = (step: string, what: string): void =>
  void process.stdout.write(`${step.padEnd(10)} ${what}\n`);

await main();
