import type { ArrivedPart, DiskDescription, Finding, TransferProgress } from "@img/node-fs";
import { formatBytes } from "./bytes.js";
import type { ApiCall } from "../settings/client.js";
import { diskText } from "../disks/disk-words.js";
import { shownSeconds, steadyEta, type ShownEta } from "./eta.js";
import { LiveLines, type Drawable } from "./live-lines.js";
import { redact } from "./redact.js";
import { painter, type TerminalStyle } from "./terminal-style.js";
import { printable } from "./text-width.js";
import type { Subject, TransferReport } from "./transfer-report.js";
import { transferLines } from "./transfer-view.js";

const drawEveryMs = 200;

/** The report on a terminal: a bar, and figures below it. */
export class BarReport implements TransferReport {
  readonly #lines: LiveLines;
  readonly #style: TerminalStyle;
  readonly #verbose: boolean;
  #subject: Subject | null = null;
  #progress: TransferProgress | null = null;
  #eta: ShownEta = null;
  #trouble: string | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: Drawable, style: TerminalStyle, verbose: boolean) {
    this.#lines = new LiveLines(out);
    this.#style = style;
    this.#verbose = verbose;
  }

  begin(subject: Subject): void {
    this.end();
    this.#subject = subject;
    this.#progress = this.#eta = this.#trouble = null;
    // Before the first byte moves there are no progress events, and that may take long.
    this.#timer = setInterval(() => this.#draw(), drawEveryMs);
  }

  progress(progress: TransferProgress): void {
    this.#progress = progress;
    this.#eta = steadyEta(this.#eta, performance.now(), progress.etaMs);
    this.#draw();
  }

  part({ number, lengthBytes }: ArrivedPart): void {
    if (this.#verbose) this.#print(`part ${number} is there, ${formatBytes(lengthBytes)}`);
  }

  call({ call, outcome }: ApiCall): void {
    this.#trouble = /^[23]/.test(outcome) ? null : `${call}: ${outcome}`;
    if (this.#verbose) this.#print(`${call}: ${outcome}`);
  }

  disk(description: DiskDescription): void {
    this.#print(diskText(description));
  }

  finding({ message, advice }: Finding): void {
    this.warn(`${message} ${advice}`);
  }

  warn(text: string): void {
    this.#print(text, "yellow");
  }

  end(): void {
    clearInterval(this.#timer);
    this.#lines.clear();
    this.#subject = null;
  }

  #print(text: string, color?: "yellow"): void {
    const label = this.#subject === null ? "" : `${printable(this.#subject.label)}: `;
    const shown = printable(redact(text));
    const painted = color === undefined ? shown : painter(this.#style)(color, shown);
    this.#lines.print(label + painted, this.#view());
  }

  #draw(): void {
    if (this.#subject !== null) this.#lines.draw(this.#view());
  }

  #view(): readonly string[] {
    if (this.#subject === null) return [];
    const view = {
      subject: this.#subject,
      progress: this.#progress,
      etaSec: shownSeconds(this.#eta, performance.now()),
      trouble: this.#trouble,
    };
    return transferLines(view, this.#lines.columns, this.#style);
  }
}
