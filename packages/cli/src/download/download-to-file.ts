import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { SfcCore } from "@img/core/core.js";
import { downloadImage, journalBeside, type DownloadResult, type LowSpace } from "@img/node-fs";
import type { ExitCode } from "../failure/exit-code.js";
import { findImage, isIdOrPath } from "../images/find-image.js";
import { formatBytes } from "../report/bytes.js";
import { printDownloaded } from "../report/transfer-results.js";
import { inSession, type Session } from "../transfers/session.js";
import { runTransfer, typedAgain, type Hooks } from "../transfers/transfer-frame.js";
import { transferOptions, type TransferFlags } from "../transfers/transfer-options.js";

export interface DownloadFlags extends TransferFlags {
  readonly overwrite?: boolean;
  readonly ifExists?: "fail" | "accept-same";
  readonly sparse: boolean;
  readonly requireSpace?: boolean;
  readonly keepOnMismatch?: boolean;
}

/** Downloads one image to a file, which appears only when it is complete and verified. */
export const downloadToFile = (
  idOrName: string,
  file: string | undefined,
  flags: DownloadFlags,
): Promise<ExitCode> =>
  inSession(flags, (session) => {
    let target: string | null = null;
    return runTransfer(session, {
      subject: { label: idOrName, name: null, direction: "down", piped: false },
      run: async (hooks) => {
        target = await targetOf(session.client, idOrName, file);
        hooks.signal.throwIfAborted();
        return { target, result: await download(session, idOrName, target, hooks) };
      },
      print: ({ target, result }) => printDownloaded(flags, target, target, result),
      standing: (last) => typedAgain(last, async () => target !== null && hasJournal(target)),
    });
  });

/** Whether an earlier run has begun to download to this file. */
const hasJournal = async (target: string): Promise<boolean> =>
  (await journalBeside(`${target}.img-part`).list()).length > 0;

async function download(
  { flags, settings, client, report }: Session<DownloadFlags>,
  idOrName: string,
  target: string,
  hooks: Hooks,
): Promise<DownloadResult> {
  const { overwrite, sparse, requireSpace, keepOnMismatch, ifExists } = flags;
  return downloadImage(idOrName, target, {
    client,
    overwrite,
    sparse,
    requireSpace,
    onLowSpace: (space) => report.warn(lowSpace(space), "LOW_SPACE"),
    keepOnMismatch,
    ...transferOptions(flags, settings.file),
    ifExists,
    ...hooks,
  });
}

/**
 * Returns the path of the target. Without a file name, it is the image's name, which only then is asked of the
 * service.
 */
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

const lowSpace = ({ neededBytes, freeBytes }: LowSpace): string =>
  `The image may need ${formatBytes(neededBytes)}, but the disk has ${formatBytes(freeBytes)} free. Zeros are left out, so it may fit.`;
