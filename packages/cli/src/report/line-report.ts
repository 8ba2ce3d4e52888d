import type { ArrivedPart, DiskDescription, Finding, TransferProgress } from "@img/node-fs";
import { formatBytes, formatRate } from "./bytes.js";
import type { ApiCall } from "../settings/client.js";
import { countedOf } from "./counted.js";
import { diskText } from "../disks/disk-words.js";
import { formatSeconds } from "./durations.js";
import { shownSeconds, steadyEta, type ShownEta } from "./eta.js";
import { limitText, movedText, percentOf, phaseText } from "./progress-words.js";
import { outageSentences } from "./outage-text.js";
import { redact } from "./redact.js";
import { printable } from "./text-width.js";
import type { Subject, TransferReport } from "./transfer-report.js";

const everyMs = 10_000;

/** The report without a terminal: a plain line every ten seconds, which makes sense on its own. */
export class LineReport implements TransferReport {
  readonly #print: (line: string) => void;
  readonly #verbose: boolean;
  #subject: Subject | null = null;
  #lastMs = 0;
  #eta: ShownEta = null;
  #isOut = false;

  constructor(print: (line: string) => void, verbose: boolean) {
    this.#print = print;
    this.#verbose = verbose;
  }

  begin(subject: Subject): void {
    this.#subject = subject;
    this.#lastMs = performance.now();
    this.#eta = null;
  }

  progress(progress: TransferProgress): void {
    const nowMs = performance.now();
    this.#eta = steadyEta(this.#eta, nowMs, progress.etaMs);
    const outage = outageSentences(progress);
    const begins = outage !== null && !this.#isOut;
    this.#isOut = outage !== null;
    if (!begins && nowMs - this.#lastMs < everyMs) return;
    this.#lastMs = nowMs;
    const eta = shownSeconds(this.#eta, nowMs);
    this.#printLine(outage?.join(" ") ?? progressLine(progress, eta, this.#subject?.piped));
  }

  part({ number, lengthBytes }: ArrivedPart): void {
    if (this.#verbose) this.#printLine(`part ${number} is there, ${formatBytes(lengthBytes)}`);
  }

  call({ call, outcome }: ApiCall): void {
    if (this.#verbose) this.#printLine(`${call}: ${outcome}`);
  }

  disk(description: DiskDescription): void {
    this.#printLine(diskText(description));
  }

  finding({ message, advice }: Finding): void {
    this.warn(`${message} ${advice}`);
  }

  warn(text: string): void {
    this.#printLine(redact(text));
  }

  end(): void {
    this.#subject = null;
  }

  #printLine(text: string): void {
    this.#print(printable(this.#subject === null ? text : `${this.#subject.label}: ${text}`));
  }
}

/** `58%, 1.16 of 2.00 GiB, 412 MiB/s, 2 s left, 74 of 128 parts, limited by the network`. */
export function progressLine(
  progress: TransferProgress,
  etaSec: number | null,
  piped: boolean = false,
): string {
  const { sizeBytes, bytesPerSecond, limitedBy } = progress;
  if (progress.phase !== "moving") return phaseText(progress.phase);
  const words = [
    sizeBytes === 0 ? "" : percentOf(progress),
    movedText(progress),
    formatRate(bytesPerSecond),
    etaSec === null ? "" : `${formatSeconds(etaSec)} left`,
    sizeBytes === 0 ? "" : countedOf(progress.partsDone, progress.partsTotal, " of ", "part"),
    limitedBy === null ? "" : limitText(limitedBy, piped),
  ];
  return words.filter((word) => word !== "").join(", ");
}
