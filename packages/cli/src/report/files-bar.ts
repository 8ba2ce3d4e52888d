import type { TransferProgress } from "@img/node-fs";
import { formatBytes } from "./bytes.js";
import { diskText } from "../disks/disk-words.js";
import { shownSeconds, steadyEta, type ShownEta } from "./eta.js";
import { LiveLines, type Drawable } from "./live-lines.js";
import { ProgressSum, type Total } from "./progress-sum.js";
import { redact } from "./redact.js";
import { painter, type TerminalStyle } from "./terminal-style.js";
import { fitText, printable } from "./text-width.js";
import type { TransferReport } from "./transfer-report.js";
import { transferLines } from "./transfer-view.js";
import type { ApiCall } from "../settings/client.js";

const drawEveryMs = 200;

/** The report of several files on a terminal: one bar for all, and the names of the files that are moving. */
export class FilesBar {
  readonly #lines: LiveLines;
  readonly #style: TerminalStyle;
  readonly #verbose: boolean;
  readonly #sum: ProgressSum;
  #eta: ShownEta = null;
  #trouble: string | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: Drawable, style: TerminalStyle, verbose: boolean, total: Total) {
    this.#lines = new LiveLines(out);
    this.#style = style;
    this.#verbose = verbose;
    this.#sum = new ProgressSum(total);
  }

  /** Returns the report of one of the files. */
  forFile(): TransferReport {
    let label = "";
    let isOver = false;
    const print = (text: string, color?: "yellow"): void => this.#print(label, text, color);
    const warn = (text: string): void => print(text, "yellow");
    return {
      begin: (subject) => {
        label = printable(subject.label);
        this.#timer ??= setInterval(() => this.#draw(), drawEveryMs);
      },
      progress: (progress) => this.#moved(label, progress),
      part: ({ number, lengthBytes }) => {
        if (this.#verbose) print(`part ${number} is there, ${formatBytes(lengthBytes)}`);
      },
      call: (call) => this.call(call),
      disk: (description) => print(diskText(description)),
      warn,
      finding: ({ message, advice }) => warn(`${message} ${advice}`),
      end: () => {
        if (!isOver) this.#end(label);
        isOver = true;
      },
    };
  }

  call({ call, outcome }: ApiCall): void {
    this.#trouble = /^[23]/.test(outcome) ? null : `${call}: ${outcome}`;
    if (this.#verbose) this.#print("", `${call}: ${outcome}`);
  }

  #moved(label: string, progress: TransferProgress): void {
    this.#sum.set(label, progress);
    this.#eta = steadyEta(
      this.#eta,
      performance.now(),
      this.#sum.progress(performance.now()).etaMs,
    );
  }

  /** Clears the bar, so that the next output does not appear in the middle of it. */
  #end(label: string): void {
    this.#sum.end(label);
    this.#lines.clear();
    if (!this.#sum.isOver) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #print(label: string, text: string, color?: "yellow"): void {
    const shown = printable(redact(text));
    const painted = color === undefined ? shown : painter(this.#style)(color, shown);
    this.#lines.print(label === "" ? painted : `${label}: ${painted}`, this.#view());
  }

  #draw(): void {
    this.#lines.draw(this.#view());
  }

  #view(): readonly string[] {
    const nowMs = performance.now();
    const { doneFiles, files, moving } = this.#sum;
    const label = `${doneFiles} of ${files} files`;
    const view = {
      subject: { label, name: null, direction: "up", piped: false } as const,
      progress: this.#sum.progress(nowMs),
      etaSec: shownSeconds(this.#eta, nowMs),
      trouble: this.#trouble,
    };
    const names = fitText(`  ${moving.join(", ")}`, Math.max(10, this.#lines.columns - 1));
    const lines = transferLines(view, this.#lines.columns, this.#style);
    return moving.length === 0 ? lines : [...lines, painter(this.#style)("dim", names)];
  }
}
