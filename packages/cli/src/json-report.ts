import type { TransferProgress } from "@img/node-fs";
import type { Seen } from "./client.js";
import { redact } from "./redact.js";
import type { Subject, TransferReport } from "./transfer-report.js";

const everyMs = 1000;

/** `--json`: a line a second while bytes move; the schema is in the README. */
export class JsonReport implements TransferReport {
  readonly #print: (event: object) => void;
  readonly #verbose: boolean;
  #subject: Subject | null = null;
  #lastMs = -Infinity;
  #partsDone = -1;

  constructor(print: (event: object) => void, verbose: boolean) {
    this.#print = print;
    this.#verbose = verbose;
  }

  begin(subject: Subject): void {
    this.#subject = subject;
    this.#lastMs = -Infinity;
    this.#partsDone = -1;
  }

  progress(progress: TransferProgress): void {
    const nowMs = performance.now();
    const news = this.#verbose && progress.partsDone !== this.#partsDone;
    if (nowMs - this.#lastMs < everyMs && !news) return;
    this.#lastMs = nowMs;
    this.#partsDone = progress.partsDone;
    this.#print({ event: "progress", ...this.#about(), ...progress });
  }

  seen({ call, outcome }: Seen): void {
    if (this.#verbose) this.#print({ event: "call", ...this.#about(), call, outcome });
  }

  warn(text: string): void {
    this.#print({ event: "warning", ...this.#about(), message: redact(text) });
  }

  end(): void {
    this.#subject = null;
  }

  #about(): object {
    if (this.#subject === null) return {};
    const { label, name, direction } = this.#subject;
    return direction === "up" ? { file: label, name } : { image: label, name };
  }
}
