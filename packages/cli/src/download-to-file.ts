import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { SfcCore } from "@img/core/core.js";
import { downloadImage, type DownloadResult, type TransferProgress } from "@img/node-fs";
import type { DownloadFlags } from "./download-command.js";
import { exitCode, type ExitCode } from "./exit-code.js";
import { explain } from "./failure.js";
import { findImage, isIdOrPath } from "./find-image.js";
import { interruptible, type Interruption } from "./interruption.js";
import { printFailure } from "./output.js";
import { resumeCommand } from "./resume-command.js";
import { tellDownloaded } from "./tell-done.js";
import { lowSpace } from "./transfer-words.js";
import { transferOptions } from "./transfer-options.js";
import { farText, openSession, type Session } from "./transfer-session.js";

/** Downloads one image; its file appears when it is whole and verified. */
export async function downloadToFile(
  idOrName: string,
  file: string | undefined,
  flags: DownloadFlags,
): Promise<ExitCode> {
  return interruptible(async (by) => {
    const session = await openSession(flags);
    return downloadIn(session, { idOrName, file, flags, by });
  });
}

interface OneDownload {
  readonly idOrName: string;
  readonly file: string | undefined;
  readonly flags: DownloadFlags;
  readonly by: Interruption;
}

async function downloadIn(session: Session, one: OneDownload): Promise<ExitCode> {
  const { idOrName, flags, by } = one;
  const { report } = session;
  let last: TransferProgress | null = null;
  try {
    by.signal.throwIfAborted();
    report.begin({ label: idOrName, name: null, direction: "down", piped: false, batch: null });
    const onProgress = (progress: TransferProgress): void => report.progress((last = progress));
    const { target, result } = await by.orCut(start(session, one, onProgress));
    report.end();
    tellDownloaded(flags, target, target, result);
    return exitCode.done;
  } catch (error) {
    report.end();
    const resume = resumeCommand(process.argv.slice(2), new Set());
    const failure = explain(error, { resume, far: farText(last) });
    printFailure(flags, failure, error);
    return failure.exitCode;
  }
}

async function start(
  { settings, client, report }: Session,
  { idOrName, file, flags, by }: OneDownload,
  onProgress: (progress: TransferProgress) => void,
): Promise<{ target: string; result: DownloadResult }> {
  const target = await targetOf(client, idOrName, file);
  by.signal.throwIfAborted();
  const result = await downloadImage(idOrName, target, {
    client,
    overwrite: flags.overwrite,
    sparse: flags.sparse,
    requireSpace: flags.requireSpace,
    onLowSpace: (space) => report.warn(lowSpace(space)),
    keepOnMismatch: flags.keepOnMismatch,
    ...transferOptions(flags, settings.file),
    ifExists: flags.ifExists,
    signal: by.signal,
    onProgress,
    onPart: (part) => report.part(part),
  });
  return { target, result };
}

/** A folder, and no file at all, get the image's name; the service is asked for it only then. */
async function targetOf(
  client: SfcCore,
  idOrName: string,
  file: string | undefined,
): Promise<string> {
  if (file !== undefined && !(await isFolder(file))) return file;
  const name = isIdOrPath(idOrName) ? (await findImage(client, idOrName)).name : idOrName;
  return join(file ?? ".", name);
}

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
