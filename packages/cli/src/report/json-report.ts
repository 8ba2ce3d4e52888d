import type { ArrivedPart, DiskDescription, Finding, TransferProgress } from "@img/node-fs";
import type { ApiCall } from "../settings/client.js";
import { redact } from "./redact.js";
import type { Subject, TransferReport } from "./transfer-report.js";

const everyMs = 1000;

/** `--json`: a line a second while bytes move; its schema is in EVENTS.md. */
export class JsonReport implements TransferReport {
  readonly #print: (event: object) => void;
  readonly #verbose: boolean;
  #subject: Subject | null = null;
  #lastMs = -Infinity;

  constructor(print: (event: object) => void, verbose: boolean) {
    this.#print = print;
    this.#verbose = verbose;
  }

  begin(subject: Subject): void {
    this.#subject = subject;
    this.#lastMs = -Infinity;
  }

  progress(progress: TransferProgress): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < everyMs) return;
    this.#lastMs = nowMs;
    this.#print({ event: "progress", ...this.#about(), ...progress });
  }

  part({ number, offset, lengthBytes }: ArrivedPart): void {
    if (!this.#verbose) return;
    this.#print({ event: "part", ...this.#about(), number, offset, lengthBytes });
  }

  call({ call, outcome }: ApiCall): void {
    if (this.#verbose) this.#print({ event: "call", ...this.#about(), call, outcome });
  }

  disk(description: DiskDescription): void {
    this.#print({ event: "disk", ...this.#about(), ...description });
  }

  finding({ message, ...more }: Finding): void {
    this.#print({ event: "warning", ...this.#about(), message, ...more });
  }

  warn(text: string): void {
    this.#print({ event: "warning", ...this.#about(), message: redact(text) });
  }

  end(): void {
    this.#subject = null;
  }

  #about(): object {
    if (this.#subject === null) return {};
    const { label, name, direction, piped } = this.#subject;
    return direction === "up" ? { file: piped ? "-" : label, name } : { image: label, name };
  }
}
