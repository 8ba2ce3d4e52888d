import type { ImageUploadResponse } from "@img/core/models";
import type { Journal } from "../journal/journal.js";
import type { Receipts } from "../journal/state.js";
import type { ResolvedUploadOptions } from "../options.js";
import type { AnySource } from "../ports.js";
import type { Run } from "../run/run.js";
import type { streamInput } from "../sending/stream-reader.js";
import type { Api } from "../service/api.js";

/** Everything that the steps of one upload share; it does not change during a run. */
export interface UploadContext {
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
  /** Reads a source from its start to its end. Absent in most pages: they would load it for nothing. */
  readonly streamInput?: typeof streamInput | undefined;
}

/** The image that this upload's parts go to, or that it already is. */
export type Claim = Moving | Done;

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
