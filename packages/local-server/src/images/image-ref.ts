import { acceptedIdPattern, imageNamePattern, imagePathPattern } from "@img/core/wire";
import { DEFAULT_WORKSPACE } from "./workspace.js";
import type { Workspace } from "./workspace.js";

/** What `{id}` in a path refers to: an id, or (preview) a name. */
export type ImageRef =
  | { readonly by: "id"; readonly id: string }
  | { readonly by: "name"; readonly workspace: Workspace; readonly name: string };

/**
 * Reads an id.
 *
 * @returns The id in its present form: an older form stands for the same image. Undefined for anything else.
 */
export const idOf = (text: string): string | undefined =>
  acceptedIdPattern.test(text) ? text.replace(/^vmi_/, "image_") : undefined;

/**
 * Reads an id, a resource path, or a name in the account's default workspace.
 *
 * @returns Undefined for anything else, also for a path with a version, which names here do not have.
 */
export function imageRef(text: string, account: string): ImageRef | undefined {
  const id = idOf(text);
  if (id !== undefined) return { by: "id", id };
  const [, owner, workspace, name, version] = imagePathPattern.exec(text) ?? [];
  if (owner !== undefined && workspace !== undefined && name !== undefined) {
    if (version !== undefined) return undefined;
    return { by: "name", workspace: { account: owner, workspace }, name };
  }
  if (!imageNamePattern.test(text)) return undefined;
  return { by: "name", workspace: { account, workspace: DEFAULT_WORKSPACE }, name: text };
}
