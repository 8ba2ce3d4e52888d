import { Api } from "./api.js";
import type { DownloadResult, DownloadTask } from "./download.js";
import { ImageUrl } from "./image-url.js";
import { resolveDownloadOptions, type DownloadOptions } from "./options.js";
import { tellProgress } from "./pipeline/moving.js";
import { partBytesFor, planParts } from "./plan.js";
import type { Source } from "./ports.js";
import { startRun, withOwnSignal, type Run } from "./run.js";
import { digestOfSource } from "./source-digest.js";

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
 */
export async function downloadedAlready(
  { client, server, image, file, platform }: AlreadyTask,
  given: DownloadOptions,
): Promise<DownloadResult | null> {
  const options = resolveDownloadOptions(given);
  options.signal.throwIfAborted();
  return withOwnSignal(platform, options, async (own) => {
    const run = startRun(platform, own);
    run.phase = "verifying";
    const url = new ImageUrl(new Api(client, run), server, image.id);
    const { sizeBytes, sha256 } = await url.facts(own.signal);
    if (sha256 === null || sizeBytes !== file.sizeBytes) return null;
    if ((await digestOfSource(run, file, teller(run, sizeBytes))) !== sha256) return null;
    const elapsedMs = Math.round(run.clock.monotonicMs() - run.startedMs);
    return {
      image,
      sha256,
      verified: true,
      sizeBytes,
      receivedBytes: 0,
      resumed: true,
      elapsedMs,
    };
  });
}

/** As often as while parts move. */
const tellEveryMs = 200;

function teller(run: Run, sizeBytes: number): (digestedBytes: number) => void {
  run.meter.plan(
    planParts(sizeBytes, partBytesFor(sizeBytes, run.options.wantedPartBytes)),
    new Map(),
  );
  let toldMs = run.clock.monotonicMs();
  return (digestedBytes) => {
    if (run.clock.monotonicMs() - toldMs < tellEveryMs) return;
    toldMs = run.clock.monotonicMs();
    tellProgress(run, digestedBytes);
  };
}
