import type { SfcCore } from "@img/core/core.js";
import { workspaceIdPattern, workspacePathPattern } from "@img/core/wire";
import { InvalidOptionError } from "./errors.js";

/**
 * The workspace of a call: its own, or else its client's; null where neither names one.
 *
 * @throws {InvalidOptionError} It is none, or the client speaks a version of the API without workspaces.
 */
export function workspaceOf(client: SfcCore, given: string | undefined): string | null {
  if (given === undefined) return client.workspace ?? null; // the client has checked it
  checkWorkspace("workspace", given);
  if (client.apiVersion === "preview") return given;
  throw new InvalidOptionError("workspace", given, 'left out with apiVersion "v2", which has none');
}

/** @throws {InvalidOptionError} It is neither the id nor the path of a workspace. */
export function checkWorkspace(option: string, given: string): void {
  if (workspaceIdPattern.test(given) || workspacePathPattern.test(given)) return;
  const wanted = 'a workspace: "wksp_" and 1 to 21 of [0-9A-Za-z_-], or sfc:workspace:ACCOUNT:NAME';
  throw new InvalidOptionError(option, given, wanted);
}

/**
 * The path of an image of this name; null where the workspace is not named by its own path, which alone
 * tells the account.
 */
export function imagePathIn(workspace: string | null, name: string): string | null {
  const [, account, workspaceName] = workspacePathPattern.exec(workspace ?? "") ?? [];
  return account === undefined ? null : `sfc:image:${account}:${workspaceName}:${name}`;
}
