import type { SfcCore } from "@img/core/core.js";
import type { ImageUploadResponse } from "@img/core/models";
import { acceptedIdPattern, imageNamePattern, imagePathPattern } from "@img/core/wire";
import { ImageNotFoundError, InvalidOptionError } from "../errors.js";
import { resolveDownloadOptions, type DownloadOptions } from "../options.js";
import { startRun, type TransferTask } from "../run/run.js";
import { Api } from "./api.js";

/**
 * Finds an image by its id or, in preview, its resource path; or else by its name: the live image of that
 * name in the workspace.
 *
 * @throws {ImageNotFoundError} There is none.
 */
export async function findImage(
  { client, platform }: Pick<TransferTask, "client" | "platform">,
  idOrName: string,
  given: DownloadOptions,
): Promise<ImageUploadResponse> {
  const api = new Api(client, startRun(platform, resolveDownloadOptions(given, client)));
  const byId = isIdOrPath(idOrName) ? await api.get(idOrName) : null;
  const found = byId ?? (imageNamePattern.test(idOrName) ? await api.findLive(idOrName) : null);
  if (found === null) throw new ImageNotFoundError(idOrName);
  return found;
}

const isIdOrPath = (text: string): boolean =>
  acceptedIdPattern.test(text) || imagePathPattern.test(text);

/**
 * Checks that a text can be an image's id, name or resource path, before any call is made.
 *
 * @throws {InvalidOptionError} It can be none of them, or it is a path and the client speaks `v2`.
 */
export function checkIdOrName(idOrName: string, { apiVersion }: SfcCore): void {
  if (imageNamePattern.test(idOrName)) return; // every id matches too
  if (imagePathPattern.test(idOrName) && apiVersion === "preview") return;
  const path = apiVersion === "preview" ? " or resource path" : "";
  throw new InvalidOptionError("idOrName", idOrName, `an image's id or name${path}`);
}
