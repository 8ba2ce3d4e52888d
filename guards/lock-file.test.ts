import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packages, readManifest, root } from "./workspace.js";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const lock = read("pnpm-lock.yaml");

test("every package of the lock file comes from the registry, by its checksum", () => {
  const [, ofPackages = ""] = lock.split(/^packages:$/m);
  const [, ofSnapshots = ""] = ofPackages.split(/^snapshots:$/m);
  const entries = ofPackages.slice(0, -ofSnapshots.length).match(/^ {4}resolution: .*$/gm) ?? [];
  expect(entries.length).toBeGreaterThan(100);
  const strays = entries.filter(
    (entry) => !/resolution: \{integrity: sha512-[^,}]+\}$/.test(entry),
  );
  expect(strays).toEqual([]);
});

test("the lock file names no host", () => {
  expect(lock.match(/https?:\/\/[^\s'"}]+|git\+|codeload|\btarball:/g) ?? []).toEqual([]);
});

test("the project's own packages are the folders, never what a registry has under their names", () => {
  expect(lock).not.toMatch(/^ {2}'@img\/[^']+@/m);
  expect(lock.match(/'@img\/[^']+':\n {8}specifier: .*\n {8}version: (?!link:)/g)).toBeNull();
});

test("a package names its siblings by their very version, as npm understands it", () => {
  const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));
  for (const { manifest } of packages) {
    for (const [name, wanted] of Object.entries(manifest.dependencies ?? {})) {
      if (versions.has(name)) expect(wanted, `${manifest.name} → ${name}`).toBe(versions.get(name));
    }
  }
});

test("installing takes the lock file as it is", () => {
  expect(readManifest(root).scripts?.["setup"]).toContain("--frozen-lockfile");
  expect(readManifest(root).scripts?.["test"]).toMatch(/^npm run setup && /);
});

test("no dependency may run a script at install, and no setting of the repository's loosens that", () => {
  const settings = read("pnpm-workspace.yaml");
  expect(settings).toContain("strictDepBuilds: true");
  expect(settings).toContain("onlyBuiltDependencies: []");
  expect(settings).not.toContain("dangerously");
  expect(read(".npmrc")).toBe("engine-strict=true\n");
});

test("the project's own packages run no script at install either", () => {
  for (const { manifest } of packages) {
    const scripts = Object.keys(manifest.scripts ?? {});
    expect(scripts.filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  }
});
