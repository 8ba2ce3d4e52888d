import { verifyImage, type VerifyResult } from "@img/node-fs";
import { formatBytes, formatRate } from "./bytes.js";
import { formatDuration } from "./durations.js";
import { exitCode, type ExitCode } from "./exit-code.js";
import { explain } from "./failure.js";
import { interruptible } from "./interruption.js";
import { printEvent, printFailure, printText, type OutputFlags } from "./output.js";
import { resumeCommand } from "./resume-command.js";
import { transferOptions } from "./transfer-options.js";
import { openSession } from "./transfer-session.js";
import type { VerifyFlags } from "./verify-command.js";

/** `img verify FILE IMAGE`: whether what is stored is this very file. */
export async function verifyFile(
  file: string,
  idOrName: string,
  flags: VerifyFlags,
): Promise<ExitCode> {
  return interruptible(async (by) => {
    const { settings, client, report } = await openSession(flags);
    try {
      by.signal.throwIfAborted();
      report.begin({ label: idOrName, name: null, direction: "down", piped: false, batch: null });
      const options = transferOptions(flags, settings.file);
      const onProgress = report.progress.bind(report);
      const given = { client, ...options, format: flags.format, signal: by.signal, onProgress };
      const result = await by.orCut(verifyImage(file, idOrName, given));
      report.end();
      tellVerified(flags, file, result);
      return exitCode.done;
    } catch (error) {
      report.end();
      const resume = resumeCommand(process.argv.slice(2), new Set());
      const failure = explain(error, { resume, far: "" });
      printFailure(flags, failure, error);
      return failure.exitCode;
    }
  });
}

function tellVerified(flags: OutputFlags, file: string, result: VerifyResult): void {
  const { image, sha256, sizeBytes, told, elapsedMs } = result;
  const { id, name } = image;
  printEvent(flags, { event: "verified", id, name, sha256, sizeBytes, told, elapsedMs, file });
  const speed = `${formatDuration(elapsedMs)}, ${formatRate((sizeBytes / Math.max(1, elapsedMs)) * 1000)}`;
  printText(flags, `${file} is ${name}, as it is stored: ${formatBytes(sizeBytes)} (${speed})`);
  const word = told ? "" : " (the service tells none)";
  printText(flags, `  id      ${id}\n  sha256  ${sha256}${word}`);
}
