import type { TransferProgress } from "@img/node-fs";
import { formatRate, formatShare } from "./bytes.js";
import type { Seen } from "./client.js";
import { formatSeconds } from "./durations.js";
import { limitText, phaseText } from "./progress-words.js";
import { redact } from "./redact.js";
import type { Subject, TransferReport } from "./transfer-report.js";

const everyMs = 10_000;

/** No terminal: a plain line every ten seconds, each one whole in itself. */
export class LineReport implements TransferReport {
  readonly #print: (line: string) => void;
  readonly #verbose: boolean;
  #subject: Subject | null = null;
  #lastMs = 0;
  #partsDone = 0;

  constructor(print: (line: string) => void, verbose: boolean) {
    this.#print = print;
    this.#verbose = verbose;
  }

  begin(subject: Subject): void {
    this.#subject = subject;
    this.#lastMs = performance.now();
    this.#partsDone = 0;
  }

  progress(progress: TransferProgress): void {
    if (this.#verbose && progress.partsDone !== this.#partsDone) {
      this.#partsDone = progress.partsDone;
      this.#say(`${progress.partsDone} of ${progress.partsTotal} parts are there`);
    }
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < everyMs) return;
    this.#lastMs = nowMs;
    this.#say(progressLine(progress));
  }

  seen({ call, outcome }: Seen): void {
    if (this.#verbose) this.#say(`${call}: ${outcome}`);
  }

  warn(text: string): void {
    this.#say(redact(text));
  }

  end(): void {
    this.#subject = null;
  }

  #say(text: string): void {
    this.#print(this.#subject === null ? text : `${this.#subject.label}: ${text}`);
  }
}

/** `58%, 1.16 of 2.00 GiB, 412 MiB/s, 2 s left, 74 of 128 parts, limited by the network`. */
export function progressLine(progress: TransferProgress): string {
  const { sizeBytes, doneBytes, inFlightBytes, bytesPerSecond, etaMs } = progress;
  if (progress.phase !== "moving") return phaseText(progress.phase);
  const movedBytes = Math.min(sizeBytes, doneBytes + inFlightBytes);
  const words = [
    `${Math.floor((movedBytes * 100) / sizeBytes)}%`,
    formatShare(movedBytes, sizeBytes),
    formatRate(bytesPerSecond),
    etaMs === null ? "" : `${formatSeconds(Math.ceil(etaMs / 1000))} left`,
    `${progress.partsDone} of ${progress.partsTotal} parts`,
    progress.limitedBy === null ? "" : limitText(progress.limitedBy),
  ];
  return words.filter((word) => word !== "").join(", ");
}
