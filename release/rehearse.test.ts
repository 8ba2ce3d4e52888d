import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const out = mkdtempSync(join(tmpdir(), "img-rehearsal-"));
let said: string;

// It installs the tarballs in an empty project, imports each package, and runs the command.
beforeAll(async () => {
  const rehearse = join(root, "release/dist/rehearse.js");
  const args = [rehearse, "--scope", "@example", "--out", out];
  said = (await promisify(execFile)(process.execPath, args)).stdout;
}, 300_000);
afterAll(() => rmSync(out, { recursive: true }));

const read = (name: string): string => readFileSync(join(out, name), "utf8");
const tarballs = (): string[] => readdirSync(out).filter((name) => name.endsWith(".tgz"));
const inTarball = (tarball: string, file: string): string =>
  execFileSync("tar", ["-xzOf", join(out, tarball), `package/${file}`], { encoding: "utf8" });

test("a rehearsal tells its steps, and that nothing is published", () => {
  const steps = said.split("\n").map((line) => line.split(" ")[0]);
  expect(steps).toEqual(["next", "packed", "installed", "papers", "done", ""]);
  expect(said).toContain("forbids to publish");
});

test("every package is packed under the released scope, and depends on nothing under the old one", () => {
  const packages = readdirSync(join(root, "packages"));
  expect(tarballs()).toHaveLength(packages.length);
  for (const tarball of tarballs()) {
    const manifest = inTarball(tarball, "package.json");
    expect(JSON.parse(manifest)).toMatchObject({
      name: expect.stringMatching(/^@example\//) as unknown,
    });
    expect(manifest).not.toContain("@img/");
    expect(inTarball(tarball, "README.md"), tarball).not.toMatch(/@img\/[a-z]/);
  }
});

test("the checksums are those of the files", () => {
  const lines = read("SHA256SUMS").trim().split("\n");
  expect(lines).toHaveLength(tarballs().length + 1);
  for (const line of lines) {
    const [sha256, name = ""] = line.split("  ");
    expect(
      createHash("sha256")
        .update(readFileSync(join(out, name)))
        .digest("hex"),
    ).toBe(sha256);
  }
});

test("the bill of materials names what is shipped, with versions", () => {
  const sbom = JSON.parse(read("sbom.cdx.json")) as {
    bomFormat: string;
    components: { name: string; version: string }[];
  };
  expect(sbom.bomFormat).toBe("CycloneDX");
  const names = sbom.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["undici", "hash-wasm", "commander"]));
  expect(sbom.components.every(({ version }) => version !== "")).toBe(true);
});

test("the provenance names every file by its digest, and the commit", () => {
  const statement = JSON.parse(read("provenance.json")) as {
    subject: { name: string; digest: { sha256: string } }[];
    predicate: { buildDefinition: { resolvedDependencies: { digest: { gitCommit: string } }[] } };
  };
  const listed = statement.subject.map(({ name, digest }) => `${digest.sha256}  ${name}\n`);
  expect(listed.join("")).toBe(read("SHA256SUMS"));
  const [commit] = statement.predicate.buildDefinition.resolvedDependencies;
  expect(commit?.digest.gitCommit).toMatch(/^[0-9a-f]{40}$/);
});
