import type { JournalKey } from "@img/transfer";
import type { JournalRecord, UploadBegin } from "../../../transfer/src/journal/record.js";

/** What a child process writes, so that the reader of its journal knows what must stand there. */
export const beginOfChild = ({ server, workspace, name }: JournalKey): UploadBegin => ({
  type: "begin",
  kind: "upload",
  server,
  workspace,
  name,
  sizeBytes: 1_000_000_000,
  partBytes: 1,
  format: "raw",
  from: "/disk.img",
  identity: {},
  beganAtSec: 1,
});

export const receiptOfChild = (part: number): JournalRecord => ({
  type: "receipt",
  part,
  crc32: part * 7,
  etag: `"${part}"`,
});
