import type { OutputFlags } from "./output.js";
import { printEvent } from "./output.js";
import { silentReport, type TransferReport } from "./transfer-report.js";

/** The report that the flags and the terminal ask for; only that one is loaded. */
export async function openReport(flags: OutputFlags): Promise<TransferReport> {
  const verbose = flags.verbose ?? false;
  if (flags.json) {
    const { JsonReport } = await import("./json-report.js");
    return new JsonReport((event) => printEvent(flags, event), verbose);
  }
  if (flags.quiet) return silentReport;
  if (process.stderr.isTTY && process.env["TERM"] !== "dumb") {
    const { BarReport } = await import("./bar-report.js");
    const { terminalStyle } = await import("./terminal-style.js");
    return new BarReport(process.stderr, terminalStyle(process.env, process.platform), verbose);
  }
  const { LineReport } = await import("./line-report.js");
  return new LineReport((line) => process.stderr.write(`${line}\n`), verbose);
}
