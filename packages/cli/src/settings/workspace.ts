import type { ApiVersion } from "@img/core";
import { workspaceIdPattern, workspacePathPattern } from "@img/core/wire";
import type { ConfigFile } from "./config-file.js";
import { UsageError } from "../failure/usage-error.js";

/** The options of every command that name the service. */
export interface ServiceFlags {
  readonly server?: string | undefined;
  /** Null means none, whatever the environment and the file say. */
  readonly workspace?: string | null | undefined;
  readonly apiVersion?: string | undefined;
  readonly allowInsecureHttp?: boolean | undefined;
}

/** The version of the API that a command uses, and the workspace. */
export interface Target {
  readonly apiVersion: ApiVersion;
  readonly workspace: string | undefined;
}

/** The workspace of the vendor's public images. */
export const publicWorkspace = "sfc:workspace:sfcompute:public";

/**
 * Chooses the version and the workspace: preview if there is a workspace, unless the version is given.
 *
 * @throws {UsageError} One of them is invalid, or they do not fit together.
 */
export function targetOf(
  flags: Pick<ServiceFlags, "workspace" | "apiVersion">,
  env: NodeJS.ProcessEnv,
  file: ConfigFile,
): Target {
  const workspace =
    flags.workspace === null
      ? undefined
      : (flags.workspace ?? (env["SFC_WORKSPACE"] || file.workspace));
  if (workspace !== undefined) checkWorkspace(workspace);
  const given = flags.apiVersion ?? (env["SFC_API_VERSION"] || undefined);
  const apiVersion = given ?? (workspace === undefined ? "v2" : "preview");
  if (apiVersion !== "v2" && apiVersion !== "preview") {
    throw new UsageError(
      `SFC_API_VERSION is "${apiVersion}", which is not a version of the API.`,
      "Set it to v2 or preview.",
    );
  }
  if (apiVersion === "v2" && workspace !== undefined) {
    throw new UsageError(
      `Version v2 of the API has no workspaces, but ${workspace} is given.`,
      "Leave out --api-version and SFC_API_VERSION, or the workspace (--workspace, SFC_WORKSPACE, workspace in the configuration).",
    );
  }
  return { apiVersion, workspace };
}

function checkWorkspace(given: string): void {
  if (workspaceIdPattern.test(given) || workspacePathPattern.test(given)) return;
  throw new UsageError(
    `"${given}" is not a workspace.`,
    "Give an id, wksp_…, or a path, sfc:workspace:ACCOUNT:NAME. img doctor finds your default one.",
  );
}
