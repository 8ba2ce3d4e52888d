import type { ImageUploadResponse } from "@img/core/models";
import type { Receipts } from "../journal/state.js";
import type { UploadRecords } from "../journal/unkept-journal.js";
import type { ResolvedUploadOptions } from "../options.js";
import type { AnySource } from "../ports.js";
import type { Run } from "../run/run.js";
import type { Api } from "../service/api.js";

/** What an upload is about; fixed for the run. */
export interface UploadContext {
  readonly run: Run;
  readonly options: ResolvedUploadOptions;
  readonly api: Api;
  /** The same, for the call that creates the image: where nothing remembers it, its answer is waited for. */
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
      /** The digest, where the journal has it and the source is certainly the same. */
      readonly sha256: string | null;
    }
  | {
      readonly at: "done";
      readonly image: ImageUploadResponse;
      readonly sha256: string;
      readonly sizeBytes: number;
    };
