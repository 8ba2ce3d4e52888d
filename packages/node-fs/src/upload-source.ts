import type { SfcCore } from "@img/core/core.js";
import {
  upload,
  type JournalStore,
  type Source,
  type UploadOptions,
  type UploadResult,
} from "@img/transfer";
import { serviceOf } from "./client.js";
import { journalsOn, ownMachine, type Machine } from "./machine.js";
import { platformOn } from "./platform.js";
import { readingDigest } from "./hashing/reading-digest.js";
import type { ThreadOptions } from "./threads/thread-options.js";
import { tracedTransfer } from "./tracing.js";

/** Of {@link uploadSource}. */
export interface UploadSourceOptions extends UploadOptions, ThreadOptions {
  /** The image's name: 1 to 255 characters, a letter or digit, then letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** @default One made from `SFC_SERVER_URL`, `SFC_BEARER_AUTH` and `SFC_WORKSPACE`. */
  readonly client?: SfcCore | undefined;
  /**
   * The folder of journals. Keep or copy it to resume elsewhere. @default `$XDG_STATE_HOME/img` or the
   * platform's place
   */
  readonly stateDir?: string | undefined;
  /** A store of journals of your own, instead of `stateDir`. */
  readonly journals?: JournalStore | undefined;
}

/**
 * Uploads an image from a source of your own, such as another server or a block device. If it is interrupted,
 * the same call with the same source resumes it.
 *
 * What an earlier run sent is read again through the source, for the digest. That needs memory for one part
 * more than `memoryBytes`.
 *
 * @param source Opened and closed by the caller. Its contract is the comment on `Source`.
 * @throws What `uploadImage` throws, but for what is about a path; and what the source rejects with.
 */
export const uploadSource = async (
  source: Source,
  options: UploadSourceOptions,
): Promise<UploadResult> => uploadOwnSource(source, options, ownMachine(options.threads));

/** Does what `uploadSource` does, with what the transfer may use of this machine. */
export async function uploadOwnSource(
  source: Source,
  options: UploadSourceOptions,
  machine: Machine,
): Promise<UploadResult> {
  const { client, name, stateDir, journals, ...rest } = options;
  const service = serviceOf(client, rest.workspace);
  const platform = {
    ...platformOn(machine, journalsOn(machine, { journals, stateDir }), ""),
    openDigest: () => readingDigest(source, machine.digests),
  };
  return tracedTransfer({ operation: "upload", image: name }, () =>
    upload({ ...service, name, source, platform, share: machine.share }, rest),
  );
}
