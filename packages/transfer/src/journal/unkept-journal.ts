import type { DownloadBegin, JournalRecord, UploadBegin } from "./record.js";
import type { Transfer } from "./replay.js";

/** What claiming and completing an image need of a journal. */
export interface UploadRecords {
  readonly state: Transfer;
  begin(record: UploadBegin | DownloadBegin): Promise<void>;
  append(...records: JournalRecord[]): Promise<void>;
}

/** For an upload that no other process can go on with: it forgets what it is told. */
export class UnkeptJournal implements UploadRecords {
  #state: Transfer = { at: "nothing" };

  get state(): Transfer {
    return this.#state;
  }

  async begin(record: UploadBegin | DownloadBegin): Promise<void> {
    if (record.kind !== "upload") throw new Error("bug: a download has a journal");
    const { identity, from } = record;
    this.#state = { at: "begun", begin: record, identity, from, digest: null, stopped: null };
  }

  async append(): Promise<void> {
    // There is nothing to keep.
  }
}
