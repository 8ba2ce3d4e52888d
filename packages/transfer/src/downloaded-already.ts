import { Api } from "./service/api.js";
import { downloadResult, type DownloadResult, type DownloadTask } from "./download.js";
import { ImageUrl } from "./service/image-url.js";
import { resolveDownloadOptions, type DownloadOptions, type ResolvedOptions } from "./options.js";
import { partBytesFor, planParts, type Part } from "./plan.js";
import type { Source } from "./ports.js";
import { enterPhase, withRun, type Run } from "./run/run.js";
import { steadyShare } from "./run/share.js";
import { digestOfSource } from "./digest/source-digest.js";

/** A file that may be the image already. */
export interface AlreadyTask extends Omit<DownloadTask, "sink"> {
  /** Open, and closed by the caller. */
  readonly file: Source;
}

/**
 * Looks whether a file is an image already, by size and SHA-256: then nothing has to be fetched.
 *
 * @returns What a download would have, with 0 bytes received; null if the file is something else, or the
 *   service tells no digest.
 * @throws One of the classes in errors.ts, or the signal's reason.
 */
export async function downloadedAlready(
  { client, server, image, file, platform }: AlreadyTask,
  given: DownloadOptions,
): Promise<DownloadResult | null> {
  const options = resolveDownloadOptions(given, client);
  options.signal.throwIfAborted();
  const work = async (run: Run, own: ResolvedOptions): Promise<DownloadResult | null> => {
    enterPhase(run, "verifying");
    const url = new ImageUrl(new Api(client, run), server, image.id);
    const { sizeBytes, sha256 } = await url.facts(own.signal);
    if (sha256 === null || sizeBytes !== file.sizeBytes) return null;
    const found = await digestOfSource(run, file, shower(run, sizeBytes));
    if (found.sha256 !== sha256) return null;
    return downloadResult(run, image, { sizeBytes, sha256 }, { sha256, resumed: true });
  };
  return withRun(platform, options, work, steadyShare(platform, options));
}

function shower(run: Run, sizeBytes: number): (part: Part) => void {
  run.meter.plan(
    planParts(sizeBytes, partBytesFor(sizeBytes, run.options.wantedPartBytes)),
    new Map(),
  );
  let digested = 0;
  run.shown.digestedBytes = () => digested;
  return (part) => {
    digested = part.offset + part.lengthBytes;
  };
}
