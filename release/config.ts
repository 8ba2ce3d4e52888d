import { readFile } from "node:fs/promises";

/** The name of a release, and whether it may be published on the public registry. */
export interface ReleaseConfig {
  /** The npm scope of the published packages, such as `@example`. */
  readonly scope: string;
  /** Whether the scope on the public registry is ours, so that publishing there is allowed. */
  readonly registry: boolean;
}

/** The scope of the names in this repository. On the public registry it belongs to another project. */
export const scopeHere = "@img";

/**
 * Reads `release.config.json`.
 *
 * @param scope Replaces the file's scope, for a rehearsal.
 * @throws {Error} A field is missing or not allowed; the message says which, and what is.
 */
export async function readReleaseConfig(path: string, scope?: string): Promise<ReleaseConfig> {
  const given = JSON.parse(await readFile(path, "utf8")) as Partial<ReleaseConfig>;
  return checked({ ...given, ...(scope === undefined ? {} : { scope }) });
}

function checked({ scope, registry }: Partial<ReleaseConfig>): ReleaseConfig {
  if (typeof scope !== "string" || !/^@[a-z0-9][a-z0-9._-]*$/.test(scope)) {
    throw new Error(`The scope must be like "@example", but is ${JSON.stringify(scope)}.`);
  }
  if (typeof registry !== "boolean") {
    throw new Error('"registry" must be true or false in release.config.json.');
  }
  if (registry && scope === scopeHere) {
    throw new Error(
      `The scope ${scopeHere} on the public registry belongs to another project. ` +
        'Set "scope" in release.config.json to one that is yours, or "registry" to false.',
    );
  }
  return { scope, registry };
}
