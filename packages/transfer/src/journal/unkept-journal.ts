import type { DownloadBegin, JournalRecord, UploadBegin } from "./record.js";
import { applyRecord } from "./replay.js";
import { nothing, type Transfer } from "./state.js";

/** What claiming and completing an image need of a journal. */
export interface UploadRecords {
  readonly state: Transfer;
  begin(record: UploadBegin | DownloadBegin): Promise<void>;
  append(...records: JournalRecord[]): Promise<void>;
  /** Deletes what was recorded. */
  remove(): Promise<void>;
}

/** For an upload that no other process can resume: it forgets what it is told. */
export class UnkeptJournal implements UploadRecords {
  #state: Transfer = nothing;

  get state(): Transfer {
    return this.#state;
  }

  async begin(record: UploadBegin | DownloadBegin): Promise<void> {
    if (record.kind !== "upload") throw new Error("bug: a download has a journal");
    this.#state = applyRecord(nothing, record);
  }

  async remove(): Promise<void> {
    this.#state = nothing;
  }

  async append(): Promise<void> {
    // There is nothing to keep.
  }
}
