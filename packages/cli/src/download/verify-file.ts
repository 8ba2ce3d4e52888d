import { verifyImage, type VerifyResult } from "@img/node-fs";
import type { DiskFormatFlag } from "../disks/disk-options.js";
import type { ExitCode } from "../failure/exit-code.js";
import { formatBytes, formatRate } from "../report/bytes.js";
import { formatDuration } from "../report/durations.js";
import { printEvent, printText, type OutputFlags } from "../report/output.js";
import { inSession } from "../transfers/session.js";
import { runTransfer } from "../transfers/transfer-frame.js";
import { transferOptions, type TransferFlags } from "../transfers/transfer-options.js";

export interface VerifyFlags extends TransferFlags {
  readonly format?: DiskFormatFlag;
}

/** `img verify FILE IMAGE`: checks whether the stored image has the same bytes as the file. */
export const verifyFile = (file: string, idOrName: string, flags: VerifyFlags): Promise<ExitCode> =>
  inSession(flags, (session) =>
    runTransfer(session, {
      subject: { label: idOrName, name: null, direction: "down", piped: false },
      run: ({ signal, onProgress }) =>
        verifyImage(file, idOrName, {
          client: session.client,
          ...transferOptions(flags, session.settings.file),
          format: flags.format,
          signal,
          onProgress,
        }),
      print: (result) => printVerified(flags, file, result),
      standing: () => ({ resume: null, far: "Nothing is kept. Run it again from the start." }),
    }),
  );

function printVerified(flags: OutputFlags, file: string, result: VerifyResult): void {
  const { image, sha256, sizeBytes, told, elapsedMs } = result;
  const { id, name } = image;
  printEvent(flags, { event: "verified", id, name, sha256, sizeBytes, told, elapsedMs, file });
  const speed = `${formatDuration(elapsedMs)}, ${formatRate((sizeBytes / Math.max(1, elapsedMs)) * 1000)}`;
  printText(
    flags,
    `${file} is identical to the stored image ${name}: ${formatBytes(sizeBytes)} (${speed})`,
  );
  const word = told ? "" : " (the service gives none)";
  printText(flags, `  id      ${id}`, `  sha256  ${sha256}${word}`);
}
