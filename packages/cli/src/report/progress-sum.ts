import type { TransferProgress } from "@img/node-fs";
import { movedBytes } from "./progress-words.js";

/** The totals of several transfers. */
export interface Total {
  readonly files: number;
  /** The total size, as far as it is known before the transfers begin. */
  readonly sizeBytes: number;
}

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** The rate is that of the last few seconds. */
const windowMs = 3_000;

/** Adds up the progress of several transfers. */
export class ProgressSum {
  readonly files: number;
  readonly #sizeBytes: number;
  readonly #running = new Map<string, TransferProgress>();
  readonly #samples: Sample[] = [];
  #ended: TransferProgress[] = [];
  #endedFiles = 0;

  constructor({ files, sizeBytes }: Total) {
    this.files = files;
    this.#sizeBytes = sizeBytes;
  }

  /** The number of files that have ended, successfully or not. */
  get doneFiles(): number {
    return this.#endedFiles;
  }

  /** Whether all files have ended. */
  get isOver(): boolean {
    return this.#endedFiles === this.files;
  }

  /** The names of the files that are moving. */
  get moving(): readonly string[] {
    return [...this.#running.keys()];
  }

  set(label: string, progress: TransferProgress): void {
    this.#running.set(label, progress);
  }

  end(label: string): void {
    this.#endedFiles++;
    const last = this.#running.get(label);
    this.#running.delete(label);
    if (last !== undefined) this.#ended.push(last);
  }

  progress(nowMs: number): TransferProgress {
    const running = [...this.#running.values()];
    const all = [...this.#ended, ...running];
    const sum = (of: (progress: TransferProgress) => number): number =>
      all.reduce((total, progress) => total + of(progress), 0);
    const known = sum(({ sizeBytes }) => sizeBytes);
    const sizeBytes = Math.max(this.#sizeBytes, known);
    const doneBytes = sum((progress) => sentBytes(progress) - inFlightOf(progress));
    const inFlightBytes = sum(inFlightOf);
    const bytesPerSecond = this.#rate({ atMs: nowMs, bytes: doneBytes + inFlightBytes });
    const leftBytes = sizeBytes - doneBytes - inFlightBytes;
    const outage = running.every(({ outage: one }) => one !== undefined) && running[0]?.outage;
    return {
      phase: "moving",
      sizeBytes,
      doneBytes,
      inFlightBytes,
      digestedBytes: sum(({ digestedBytes }) => digestedBytes),
      partsDone: sum(({ partsDone }) => partsDone),
      partsTotal: sum(({ partsTotal }) => partsTotal),
      partsInFlight: sum(({ partsInFlight }) => partsInFlight),
      lanes: running.reduce((total, { lanes }) => total + lanes, 0),
      bytesPerSecond,
      etaMs: bytesPerSecond > 0 ? (leftBytes / bytesPerSecond) * 1000 : null,
      limitedBy: running.at(0)?.limitedBy ?? null,
      ...(outage ? { outage } : {}),
    };
  }

  #rate(now: Sample): number {
    this.#samples.push(now);
    while (this.#samples[0]!.atMs < now.atMs - windowMs) this.#samples.shift();
    const { atMs, bytes } = this.#samples[0]!;
    return Math.max(0, ((now.bytes - bytes) / Math.max(1, now.atMs - atMs)) * 1000);
  }
}

/** Returns the sent bytes. Reading an image back does not count from 0 to 100% a second time. */
const sentBytes = (progress: TransferProgress): number =>
  progress.phase === "verifying" ? progress.sizeBytes : movedBytes(progress);

const inFlightOf = ({ phase, inFlightBytes }: TransferProgress): number =>
  phase === "verifying" ? 0 : inFlightBytes;
