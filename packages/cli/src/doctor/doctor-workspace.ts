import type { SfcCore } from "@img/core/core.js";
import { accountMe } from "@img/core/funcs/account-me.js";

/**
 * How to set the workspace that every account has, as a sentence.
 *
 * @returns Null where one is set, or the service tells no account.
 */
export async function defaultWorkspaceHint(client: SfcCore): Promise<string | null> {
  if (client.workspace !== undefined) return null;
  const answer = await accountMe(client);
  if (!answer.ok) return null;
  const workspace = `sfc:workspace:${answer.value.id}:default`;
  return `Your default workspace is ${workspace}. To use it: export SFC_WORKSPACE=${workspace}`;
}

/** Where the commands list and create. */
export function workspaceText({ apiVersion, workspace }: SfcCore, hint: string | null): string {
  if (workspace !== undefined) return `${workspace}, in version ${apiVersion} of the API`;
  const none = `none is set; version ${apiVersion} of the API is used`;
  return hint === null ? none : `${none}. ${hint}`;
}
