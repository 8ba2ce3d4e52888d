import type {
  ArrivedPart,
  DiskDescription,
  Finding,
  TransferEvent,
  TransferProgress,
} from "@img/node-fs";
import type { ApiCall } from "../settings/client.js";

/** What is being moved, for a person. */
export interface Subject {
  /** As it was given: a path, or an image's id or name. */
  readonly label: string;
  /** The image's name; null until it is known. */
  readonly name: string | null;
  readonly direction: "up" | "down";
  /** From standard input, or to standard output. */
  readonly piped: boolean;
}

/** Tells how a transfer goes, as the terminal and the flags want it. */
export interface TransferReport {
  begin(subject: Subject): void;
  /** Whatever happens, for a report that shows what is not told in another way. */
  event?(event: TransferEvent): void;
  progress(progress: TransferProgress): void;
  /** A part has arrived and is kept. */
  part(part: ArrivedPart): void;
  /** One call of the API. */
  call(call: ApiCall): void;
  /** The file is a disk image that goes up as the raw disk that it describes. */
  disk(description: DiskDescription): void;
  /** Something that one should know and that is no error. */
  warn(text: string): void;
  /** Something about the disk that is uploaded. */
  finding(finding: Finding): void;
  /** The transfer is over, well or not: whatever stood there for its time goes. Idempotent. */
  end(): void;
}

/** `--quiet`. */
export const silentReport: TransferReport = {
  begin: () => undefined,
  progress: () => undefined,
  part: () => undefined,
  call: () => undefined,
  disk: () => undefined,
  warn: () => undefined,
  finding: () => undefined,
  end: () => undefined,
};
