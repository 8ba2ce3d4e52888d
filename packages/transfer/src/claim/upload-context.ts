import type { ImageUploadResponse } from "@img/core/models";
import { ImageFailedError, ImageGoneError } from "../errors.js";
import type { Journal } from "../journal/journal.js";
import type { Receipts, Upload } from "../journal/state.js";
import type { ResolvedUploadOptions } from "../options.js";
import type { AnySource } from "../ports.js";
import type { Run } from "../run/run.js";
import type { PartMd5s } from "../sending/part-md5s.js";
import type { PartWindow } from "../sending/part-window.js";
import type { streamInput } from "../sending/stream-reader.js";
import type { Api } from "../service/api.js";

/** Everything that the steps of one upload share; it does not change during a run. */
export interface UploadContext extends UploadMeans {
  readonly run: Run;
  readonly options: ResolvedUploadOptions;
  readonly api: Api;
  /**
   * Ends the call that creates the image. In an upload that is not journaled an abort waits for its answer, since
   * nothing else knows the image's id.
   */
  readonly creating: AbortSignal;
  readonly server: string;
  readonly name: string;
  readonly source: AnySource;
  readonly journal: Journal;
}

/** What only some uploads need. Given, and not imported: most pages would load it for nothing. */
export interface UploadMeans {
  /** Reads a source from its start to its end. */
  readonly streamInput?: typeof streamInput | undefined;
  /** Makes the MD5s of parts. */
  readonly PartMd5s?: typeof PartMd5s | undefined;
  /** Sends parts that memory does not suffice for. */
  readonly PartWindow?: typeof PartWindow | undefined;
}

/** An upload that has a journal, and no image yet. */
export type Begun = Extract<Upload, { at: "begun" | "intended" }>;

/** The image that this upload's parts go to, or that it already is. */
export type Claim = Moving | Done;

/**
 * Looks up the image of this upload.
 *
 * @throws {ImageGoneError | ImageFailedError} No part can be added to it.
 */
export async function imageInUse(api: Api, imageId: string): Promise<ImageUploadResponse> {
  const image = await api.get(imageId);
  if (image === null) throw new ImageGoneError(imageId, api.startOver);
  if (image.uploadStatus === "failed") throw new ImageFailedError(imageId, api.startOver);
  return image;
}

/** The image is there, and waits for parts. */
export interface Moving {
  readonly at: "moving";
  readonly imageId: string;
  readonly adopted: boolean;
  readonly receipts: Receipts;
  readonly partBytes: number;
  /** The digest, if the journal has it and the source has the same metadata; else null. */
  readonly sha256: string | null;
}

/** The image is complete, and has these bytes. */
export interface Done {
  readonly at: "done";
  readonly image: ImageUploadResponse;
  readonly sha256: string;
  readonly sizeBytes: number;
}
