import type { ImageUploadResponse } from "@img/core/models";
import { NameTakenError } from "../errors.js";
import type { Upload } from "../journal/state.js";
import { limits, partBytesFor } from "../plan.js";
import type { AnySource } from "../ports.js";
import { isUnfinished } from "../service/answers.js";
import { formatOf } from "./source-identity.js";
import type { UploadContext } from "./upload-context.js";

/** An upload that has a journal, and no image yet. */
export type Begun = Extract<Upload, { at: "begun" | "intended" }>;

/** Begins a new upload: writes the first record of its journal. */
export async function begin(ctx: UploadContext): Promise<Begun> {
  const { source, journal, options, run } = ctx;
  await journal.begin({
    type: "begin",
    kind: "upload",
    server: ctx.server,
    workspace: options.workspace,
    name: ctx.name,
    sizeBytes: source.sizeBytes,
    partBytes: partBytesOf(source, options.wantedPartBytes),
    format: formatOf(source),
    from: source.label,
    identity: source.identity,
    beganAtSec: Math.floor(run.clock.wallMs() / 1000),
  });
  const { state } = journal;
  if (state.at !== "begun") throw new Error(`bug: a new upload is at "${state.at}"`);
  return state;
}

/** The part size of a new upload. If the size is unknown, parts are large enough for 128 GiB in 10,000 parts. */
export const partBytesOf = ({ sizeBytes }: AnySource, wantedPartBytes: number | null): number =>
  partBytesFor(sizeBytes ?? limits.maxImageBytes, wantedPartBytes);

/** Deletes the unfinished image of this upload, and begins the upload again. Never deletes a completed image. */
export async function beginAgain(ctx: UploadContext): Promise<Begun> {
  const { state } = ctx.journal;
  if (state.at === "started" || state.at === "completing") {
    const image = await ctx.api.get(state.imageId);
    if (image !== null) await deleteUnfinished(ctx, image);
  }
  return begin(ctx);
}

async function deleteUnfinished(ctx: UploadContext, image: ImageUploadResponse): Promise<void> {
  if (!isUnfinished(image)) throw new NameTakenError(ctx.name, image);
  await ctx.api.delete(image.id);
}
