import { convertImage, type ConvertResult } from "@img/node-fs";
import type { ExitCode } from "../failure/exit-code.js";
import { interruptible } from "../failure/interruption.js";
import { formatBytes, formatRate } from "../report/bytes.js";
import { formatDuration } from "../report/durations.js";
import { printEvent, printText, type OutputFlags } from "../report/output.js";
import { silentReport } from "../report/transfer-report.js";
import { nothingKept, runTransfer } from "../transfers/transfer-frame.js";
import type { DiskFormatFlag } from "./disk-options.js";

export interface ConvertFlags extends OutputFlags {
  readonly format?: DiskFormatFlag;
  readonly overwrite?: boolean;
}

/** `img convert FILE TARGET`: writes the raw disk of a disk image. */
export async function convertFile(
  file: string,
  target: string,
  flags: ConvertFlags,
): Promise<ExitCode> {
  const { format, overwrite } = flags;
  const startedMs = performance.now();
  return interruptible((interruption) =>
    runTransfer(
      { flags, report: silentReport, interruption },
      {
        subject: { label: file, name: null, direction: "down", piped: false },
        run: ({ signal }) => convertImage(file, target, { format, overwrite, signal }),
        print: (result) => {
          const elapsedMs = Math.round(performance.now() - startedMs);
          printEvent(flags, { event: "converted", file, target, ...result, elapsedMs });
          printText(flags, `Converted ${file} ${convertedText(target, result, elapsedMs)}`);
        },
        standing: nothingKept,
      },
    ),
  );
}

function convertedText(target: string, result: ConvertResult, elapsedMs: number): string {
  const { format, dataBytes, sizeBytes } = result;
  const rate = formatRate((dataBytes / Math.max(1, elapsedMs)) * 1000);
  const data = `${formatBytes(dataBytes)} of data in a disk of ${formatBytes(sizeBytes)}`;
  return `(${format}) to ${target}: ${data} (${formatDuration(elapsedMs)}, ${rate})`;
}
