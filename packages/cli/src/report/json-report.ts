import type {
  ArrivedPart,
  DiskDescription,
  Finding,
  TransferEvent,
  TransferProgress,
} from "@img/node-fs";
import type { ApiCall } from "../settings/client.js";
import { redact } from "./redact.js";
import type { Subject, TransferReport } from "./transfer-report.js";

const everyMs = 1000;

/** The events that are written less often than they happen, or whose terminal text differs. */
const toldOtherwise: ReadonlySet<string> = new Set(["progress", "part", "warning"]);

/**
 * The report of `--json`: one line a second while bytes move. EVENTS.md has the schema. The lines with `v` are the
 * library's `TransferEvent`s.
 */
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

  event(event: TransferEvent): void {
    if (toldOtherwise.has(event.event) || (!this.#verbose && event.event !== "retry")) return;
    const { v, event: kind, ...more } = event;
    this.#print({ event: kind, v, ...this.#about(), ...more });
  }

  progress(progress: TransferProgress): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < everyMs) return;
    this.#lastMs = nowMs;
    this.#print({ event: "progress", v: 1, ...this.#about(), ...progress });
  }

  part({ number, offset, lengthBytes }: ArrivedPart): void {
    if (!this.#verbose) return;
    this.#print({ event: "part", v: 1, ...this.#about(), number, offset, lengthBytes });
  }

  call({ call, outcome }: ApiCall): void {
    if (this.#verbose) this.#print({ event: "call", ...this.#about(), call, outcome });
  }

  disk(description: DiskDescription): void {
    this.#print({ event: "disk", ...this.#about(), ...description });
  }

  finding({ message, ...more }: Finding): void {
    this.#print({ event: "warning", v: 1, ...this.#about(), message, ...more });
  }

  warn(text: string, code: string): void {
    this.#print({ event: "warning", v: 1, ...this.#about(), message: redact(text), code });
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
