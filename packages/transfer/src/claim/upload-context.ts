import type { ImageUploadResponse } from "@img/core/models";
import type { Receipts } from "../journal/state.js";
import type { UploadRecords } from "../journal/unkept-journal.js";
import type { ResolvedUploadOptions } from "../options.js";
import type { AnySource } from "../ports.js";
import type { Run } from "../run/run.js";
import type { Api } from "../service/api.js";

/** Everything that the steps of one upload share; it does not change during a run. */
export interface UploadContext {
  readonly run: Run;
  readonly options: ResolvedUploadOptions;
  readonly api: Api;
  /**
   * The API for the call that creates the image. Without a journal, an abort waits for its answer, since
   * nothing else knows the image's id.
   */
  readonly starting: Api;
  readonly server: string;
  readonly name: string;
  readonly source: AnySource;
  readonly journal: UploadRecords;
}

/** The image that this upload's parts go to, or that it already is. */
export type Claim =
  | {
      readonly at: "moving";
      readonly imageId: string;
      readonly adopted: boolean;
      readonly receipts: Receipts;
      readonly partBytes: number;
      /** The digest, if the journal has it and the source has the same metadata; else null. */
      readonly sha256: string | null;
    }
  | {
      readonly at: "done";
      readonly image: ImageUploadResponse;
      readonly sha256: string;
      readonly sizeBytes: number;
    };
