import { convertImage } from "@img/node-fs";
import { formatBytes, formatRate } from "./bytes.js";
import type { ConvertFlags } from "./convert-command.js";
import { formatDuration } from "./durations.js";
import { exitCode, type ExitCode } from "./exit-code.js";
import { explain } from "./failure.js";
import { interruptible } from "./interruption.js";
import { printEvent, printFailure, printText } from "./output.js";

/** `img convert FILE TARGET`. */
export async function convertFile(
  file: string,
  target: string,
  flags: ConvertFlags,
): Promise<ExitCode> {
  return interruptible(async (by) => {
    const startedMs = performance.now();
    try {
      by.signal.throwIfAborted();
      const { format, overwrite } = flags;
      const result = await by.orCut(
        convertImage(file, target, { format, overwrite, signal: by.signal }),
      );
      const elapsedMs = Math.round(performance.now() - startedMs);
      printEvent(flags, { event: "converted", file, target, ...result, elapsedMs });
      const { dataBytes, sizeBytes } = result;
      const rate = formatRate((dataBytes / Math.max(1, elapsedMs)) * 1000);
      const data = `${formatBytes(dataBytes)} of data in a disk of ${formatBytes(sizeBytes)}`;
      printText(
        flags,
        `Converted ${file} (${result.format}) to ${target}: ${data} (${formatDuration(elapsedMs)}, ${rate})`,
      );
      return exitCode.done;
    } catch (error) {
      const failure = explain(error, { resume: null, far: "" });
      printFailure(flags, failure, error);
      return failure.exitCode;
    }
  });
}
