import type { SfcCore } from "@img/core/core.js";
import { imagesReinstate } from "@img/core/funcs/images-reinstate.js";
import { imagesRevoke } from "@img/core/funcs/images-revoke.js";
import { clientOf } from "../settings/client.js";
import type { CommonFlags } from "../settings/common-options.js";
import { findImage } from "./find-image.js";
import { printEvent, printText } from "../report/output.js";
import { readSettings } from "../settings/settings.js";
import { UsageError } from "../failure/usage-error.js";

/** Stops new instances from using an image. */
export async function revokeImage(given: string, flags: CommonFlags): Promise<void> {
  const client = await previewClient(flags);
  const { id } = await findImage(client, given);
  const answer = await imagesRevoke(client, { id });
  if (!answer.ok) throw answer.error;
  const { name } = answer.value;
  printEvent(flags, { event: "revoked", id, name });
  printText(flags, `Revoked ${name} (${id}). New instances cannot use it.`);
}

/** Lets new instances use a revoked image again. */
export async function reinstateImage(given: string, flags: CommonFlags): Promise<void> {
  const client = await previewClient(flags);
  const { id } = await findImage(client, given);
  const answer = await imagesReinstate(client, { id });
  if (!answer.ok) throw answer.error;
  const { name } = answer.value;
  printEvent(flags, { event: "reinstated", id, name });
  printText(flags, `Reinstated ${name} (${id}). New instances can use it.`);
}

async function previewClient(flags: CommonFlags): Promise<SfcCore> {
  const client = await clientOf(await readSettings(flags));
  if (client.apiVersion === "preview") return client;
  throw new UsageError(
    "Version v2 of the API cannot revoke or reinstate images.",
    "Set a workspace (SFC_WORKSPACE, --workspace), or add --api-version preview.",
  );
}
