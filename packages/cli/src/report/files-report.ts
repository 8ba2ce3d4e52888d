import { AsyncLocalStorage } from "node:async_hooks";
import { FilesBar } from "./files-bar.js";
import { openReport } from "./open-report.js";
import type { OutputFlags } from "./output.js";
import type { Total } from "./progress-sum.js";
import { terminalStyle } from "./terminal-style.js";
import { silentReport, type TransferReport } from "./transfer-report.js";
import type { ApiCall } from "../settings/client.js";

/** The reports of several files that are uploaded at the same time. */
export class FilesReport {
  readonly #flags: OutputFlags;
  readonly #bar: FilesBar | null;
  /**
   * Tells which file's upload makes a call of the API. Only `--verbose` shows calls and pays for the tracking.
   */
  readonly #current: AsyncLocalStorage<TransferReport> | null;

  constructor(flags: OutputFlags, total: Total) {
    const { json, quiet, verbose = false } = flags;
    const isBar = !json && !quiet && process.stderr.isTTY && process.env["TERM"] !== "dumb";
    const style = terminalStyle(process.env, process.platform);
    this.#flags = flags;
    this.#bar = isBar ? new FilesBar(process.stderr, style, verbose, total) : null;
    this.#current = verbose ? new AsyncLocalStorage() : null;
  }

  /** The report of the session, which gets the client's calls. */
  get session(): TransferReport {
    return { ...silentReport, call: (call) => this.#call(call) };
  }

  /** Runs the upload of one file with a report of its own. */
  run<T>(work: (report: TransferReport) => Promise<T>): Promise<T> {
    const report = this.#bar?.forFile() ?? openReport(this.#flags);
    return this.#current?.run(report, () => work(report)) ?? work(report);
  }

  #call(call: ApiCall): void {
    (this.#current?.getStore() ?? this.#bar)?.call(call);
  }
}
