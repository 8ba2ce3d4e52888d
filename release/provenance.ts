import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** A file and its SHA-256, 64 lower-case hex digits. */
export interface Digested {
  readonly name: string;
  readonly sha256: string;
}

export async function digestOf(path: string): Promise<Digested> {
  const sha256 = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  return { name: basename(path), sha256 };
}

/** Formats checksums as `sha256sum --check` reads them. */
export const checksumFile = (files: readonly Digested[]): string =>
  files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("");

/**
 * Makes the statement about a release that the workflow signs: which files were built from which commit
 * (in-toto Statement v1 with SLSA provenance v1). A rehearsal makes it without a signature.
 */
export function provenanceStatement(files: readonly Digested[], commit: string): object {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://actions.github.io/buildtypes/workflow/v1",
        externalParameters: { workflow: { path: ".github/workflows/release.yml" } },
        resolvedDependencies: [{ digest: { gitCommit: commit } }],
      },
      runDetails: { builder: { id: "rehearsal" } },
    },
  };
}
