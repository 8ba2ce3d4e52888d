import type { SfcCore } from "@img/core/core.js";
import { accountMe } from "@img/core/funcs/account-me.js";

/**
 * Returns a sentence that says how to set the account's default workspace.
 *
 * @returns Null if a workspace is set, or the service does not tell the account.
 */
export async function defaultWorkspaceHint(client: SfcCore): Promise<string | null> {
  if (client.workspace !== undefined) return null;
  const answer = await accountMe(client);
  if (!answer.ok) return null;
  const workspace = `sfc:workspace:${answer.value.id}:default`;
  return `Your default workspace is ${workspace}. To use it: export SFC_WORKSPACE=${workspace}`;
}

/** Describes where the commands list and create images. */
export function workspaceText({ apiVersion, workspace }: SfcCore, hint: string | null): string {
  if (workspace !== undefined) return `${workspace}, in version ${apiVersion} of the API`;
  const none = `none is set; version ${apiVersion} of the API is used`;
  return hint === null ? none : `${none}. ${hint}`;
}
