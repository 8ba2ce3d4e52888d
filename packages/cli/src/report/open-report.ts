import { BarReport } from "./bar-report.js";
import { JsonReport } from "./json-report.js";
import { LineReport } from "./line-report.js";
import type { OutputFlags } from "./output.js";
import { printEvent } from "./output.js";
import { terminalStyle } from "./terminal-style.js";
import { silentReport, type TransferReport } from "./transfer-report.js";

/** Opens the report that fits the flags and the terminal. */
export function openReport(flags: OutputFlags): TransferReport {
  const verbose = flags.verbose ?? false;
  if (flags.json) return new JsonReport((event) => printEvent(flags, event), verbose);
  if (flags.quiet) return silentReport;
  if (process.stderr.isTTY && process.env["TERM"] !== "dumb") {
    return new BarReport(process.stderr, terminalStyle(process.env, process.platform), verbose);
  }
  return new LineReport((line) => process.stderr.write(`${line}\n`), verbose);
}
