import type {
  ArrivedPart,
  DiskDescription,
  Finding,
  TransferEvent,
  TransferProgress,
} from "@img/node-fs";
import type { ApiCall } from "../settings/client.js";

/** What is moved, as shown to people. */
export interface Subject {
  /** The argument as given: a path, or an image's id or name. */
  readonly label: string;
  /** The image's name; null until it is known. */
  readonly name: string | null;
  readonly direction: "up" | "down";
  /** Whether it comes from standard input or goes to standard output. */
  readonly piped: boolean;
}

/** Reports a transfer in the form that the terminal and the flags ask for. */
export interface TransferReport {
  begin(subject: Subject): void;
  /** Gets every event, for a report that shows what has no method of its own. */
  event?(event: TransferEvent): void;
  progress(progress: TransferProgress): void;
  /** A part has arrived and is kept. */
  part(part: ArrivedPart): void;
  /** One call of the API. */
  call(call: ApiCall): void;
  /** The file is a disk image that goes up as the raw disk that it describes. */
  disk(description: DiskDescription): void;
  /** Something that one should know, but that is not an error. @param code For programs. */
  warn(text: string, code: string): void;
  /** Something found about the disk that is uploaded. */
  finding(finding: Finding): void;
  /** The transfer has ended, successfully or not: removes what was shown while it ran. Idempotent. */
  end(): void;
}

/** The report of `--quiet`. */
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
