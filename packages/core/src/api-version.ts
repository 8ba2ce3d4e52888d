import { Mismatch } from "./decode.js";
import { workspaceOf } from "./image-input.js";
import type { SDKOptions } from "./options.js";
import { SDKValidationError } from "./validation-errors.js";

/** Which version of the API a client speaks. Only `preview` has workspaces. */
export type ApiVersion = "v2" | "preview";

/** What every call of a client goes to. */
export interface Target {
  readonly apiVersion: ApiVersion;
  /** The workspace of the calls that name none. */
  readonly workspace: string | undefined;
}

/** @throws {SDKValidationError} The version is unknown, or the workspace can't be used with it. */
export function resolveTarget({ apiVersion = "v2", workspace }: SDKOptions): Target {
  try {
    const target = { apiVersion: knownVersion(apiVersion), workspace: undefined };
    return { ...target, workspace: workspaceOf(target)(workspace, "workspace") };
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const given = { apiVersion, workspace };
    throw new SDKValidationError("Input validation failed", error.shown(String), given);
  }
}

function knownVersion(given: unknown): ApiVersion {
  if (given === "v2" || given === "preview") return given;
  throw new Mismatch("apiVersion", '"v2" or "preview"', given);
}
