import type { SfcCore } from "@img/core/core.js";
import { resolveBudgets, type BudgetOptions, type ResolvedBudgets } from "./budget-options.js";
import { InvalidOptionError } from "./errors.js";
import { tellerOf, type ArrivedPart, type TransferEvent, type TransferNews } from "./events.js";
import type { LockHolder, Platform } from "./ports.js";
import { checkPartBytes, MiB } from "./plan.js";
import type { TransferProgress } from "./progress.js";
import { dividedMemory } from "./divided-memory.js";
import { oneOf, sha256OrNull, wholeNumber } from "./option-checks.js";
import { workspaceOf } from "./workspace.js";

/** What uploads and downloads have in common. Every option may be left out. */
export interface TransferOptions extends BudgetOptions {
  /**
   * The workspace of the image, as id (`wksp_…`) or path (`sfc:workspace:ACCOUNT:NAME`); only with a client
   * of `apiVersion: "preview"`. A resume takes the same one. @default the client's
   */
  readonly workspace?: string | undefined;
  /** Bytes of a part, 5 MiB to 5 GiB; raised if there would be over 10,000. A resume keeps the first run's. @default 5 to 16 MiB, by the size */
  readonly partBytes?: number | undefined;
  /** How long to retry without any progress, in ms, before the call fails. The next call resumes. @default 600,000 (10 minutes) */
  readonly retryBudgetMs?: number | undefined;
  /** How long a lane may move no byte, in ms, before its part is tried again. There is no deadline for a whole part. @default 30,000 */
  readonly stallMs?: number | undefined;
  /** Stops the transfer, which rejects with the signal's reason. The next call resumes it. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called with all that happens: progress, parts, retries and their reasons, lanes, phases, warnings. An error that it throws
   * stops the transfer and is thrown by it. `onProgress`, `onPart` and `onLockWatched` are this for one kind each.
   */
  readonly onEvent?: ((event: TransferEvent) => void) | undefined;
  /**
   * Called about five times a second, and when a phase begins. An error that it throws stops the transfer and is thrown
   * by it.
   */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** Called when a part has arrived and is in the journal. An error that it throws stops the transfer and is thrown by it. */
  readonly onPart?: ((part: ArrivedPart) => void) | undefined;
  /**
   * Called, before anything else is done, if another process may still be running this transfer: its lock is watched for
   * up to 90 s then. An error that it throws stops the transfer and is thrown by it.
   */
  readonly onLockWatched?: ((holder: LockHolder | null) => void) | undefined;
  /** Takes over from another process that may still be running, where that cannot be checked. @default `false` */
  readonly force?: boolean | undefined;
}

/** Of an upload. Each has a default. */
export interface UploadOptions extends TransferOptions {
  /** What to do if the file changed since the upload began: fail, or delete the unfinished image and start over. @default `"fail"` */
  readonly ifSourceChanged?: "fail" | "restart" | undefined;
  /** What to do if the unfinished image was deleted, has failed or can never be completed: fail, or start over. @default `"fail"` */
  readonly ifImageGone?: "fail" | "restart" | undefined;
  /**
   * What to do if another image has the name: fail; delete that image if it was never completed, and start over; or
   * accept it if it is complete and has this file's SHA-256. `"verify"` is the former name of `"accept-same"`. @default `"fail"`
   */
  readonly ifNameTaken?: "fail" | "replace-unfinished" | "accept-same" | "verify" | undefined;
  /**
   * `"md5"` sends the MD5 of each part (`Content-MD5`), which the store checks, and compares it with the ETag if that looks
   * like an MD5. It costs a second hash of every byte. Do not use it with stores that encrypt with KMS or customers' keys:
   * their ETags look like an MD5 and are none. @default `"none"`
   */
  readonly partChecksums?: "none" | "md5" | undefined;
  /** The former name of `partChecksums`. @default `"none"` */
  readonly verifyParts?: "none" | "md5" | undefined;
  /**
   * Whether the stored image is read back once it is complete, and its SHA-256 compared. The service does not, until a
   * node boots. It costs as much traffic as a download. @default `false`
   */
  readonly readBack?: boolean | undefined;
  /** `"download"` is the former way to say `readBack`. @default `"none"` */
  readonly verify?: "none" | "download" | undefined;
  /** The SHA-256 that the raw disk must have, 64 hex digits. If it differs, the image is not completed. @default none */
  readonly expectedSha256?: string | undefined;
}

/** Of a download. Each has a default. */
export interface DownloadOptions extends TransferOptions {
  /** Whether the part file is kept if the digest of what was downloaded is wrong. @default `false` */
  readonly keepOnMismatch?: boolean | undefined;
}

/** Nothing of a verification is kept, so there is no lock to force. */
export type VerifyOptions = Omit<TransferOptions, "force">;

/** Every option with its value; the rest of the engine takes this and knows no default. */
export interface ResolvedOptions extends ResolvedBudgets {
  /** Null where none is named. */
  readonly workspace: string | null;
  /** Null for the usual length. */
  readonly wantedPartBytes: number | null;
  readonly retryBudgetMs: number;
  readonly stallMs: number;
  readonly signal: AbortSignal;
  /** Tells what happens to all callbacks that want it. */
  readonly tell: (news: TransferNews) => void;
  readonly onLockWatched: (holder: LockHolder | null) => void;
  readonly force: boolean;
}

export interface ResolvedUploadOptions extends ResolvedOptions {
  readonly ifSourceChanged: "fail" | "restart";
  readonly ifImageGone: "fail" | "restart";
  readonly ifNameTaken: "fail" | "replace-unfinished" | "accept-same";
  readonly partChecksums: "none" | "md5";
  readonly readBack: boolean;
  /** In lower case; null if none was given. */
  readonly expectedSha256: string | null;
}

export interface ResolvedDownloadOptions extends ResolvedOptions {
  readonly keepOnMismatch: boolean;
}

/** @throws {InvalidOptionError} An option is out of range or not of its type. */
export function resolveUploadOptions(given: UploadOptions, client: SfcCore): ResolvedUploadOptions {
  return {
    ...resolveTransferOptions(given, client),
    ifSourceChanged: oneOf("ifSourceChanged", given.ifSourceChanged, ["fail", "restart"]),
    ifImageGone: oneOf("ifImageGone", given.ifImageGone, ["fail", "restart"]),
    ifNameTaken: nameTakenOf(given),
    partChecksums:
      given.partChecksums === undefined
        ? oneOf("verifyParts", given.verifyParts, ["none", "md5"])
        : oneOf("partChecksums", given.partChecksums, ["none", "md5"]),
    readBack: given.readBack ?? oneOf("verify", given.verify, ["none", "download"]) === "download",
    expectedSha256: sha256OrNull("expectedSha256", given.expectedSha256),
  };
}

function nameTakenOf({ ifNameTaken }: UploadOptions): ResolvedUploadOptions["ifNameTaken"] {
  const values = ["fail", "replace-unfinished", "accept-same", "verify"] as const;
  const value = oneOf("ifNameTaken", ifNameTaken, values);
  return value === "verify" ? "accept-same" : value;
}

/** @throws {InvalidOptionError} An option is out of range or not of its type. */
export function resolveDownloadOptions(
  given: DownloadOptions,
  client: SfcCore,
): ResolvedDownloadOptions {
  return {
    ...resolveTransferOptions(given, client),
    keepOnMismatch: given.keepOnMismatch ?? false,
  };
}

/** @throws {InvalidOptionError} An option is out of range or not of its type. */
export function resolveTransferOptions(given: TransferOptions, client: SfcCore): ResolvedOptions {
  const workspace = workspaceOf(client, given.workspace);
  const wantedPartBytes = given.partBytes ?? null;
  if (wantedPartBytes !== null) checkPartBytes(wantedPartBytes);
  const retryBudgetMs = given.retryBudgetMs ?? 600_000;
  wholeNumber("retryBudgetMs", retryBudgetMs, 0, Number.MAX_SAFE_INTEGER);
  const stallMs = given.stallMs ?? 30_000;
  wholeNumber("stallMs", stallMs, 100, 2 ** 31 - 1);
  const tell = tellerOf(given);
  return {
    ...resolveBudgets(given),
    workspace,
    wantedPartBytes,
    retryBudgetMs,
    stallMs,
    signal: given.signal ?? new AbortController().signal,
    tell,
    onLockWatched: (holder) => {
      tell({ event: "warning", code: "LOCK_WATCHED", message: lockWatched });
      given.onLockWatched?.(holder);
    },
    force: given.force ?? false,
  };
}

const lockWatched =
  "Another process may still be running this transfer. Its lock is watched for up to 90 seconds.";

/**
 * Checks that the parts of an image can be held in memory, one for each lane, or a window of it: rather than fewer lanes
 * than were asked for, there are none.
 *
 * @param sizeBytes Infinity if it is not known.
 * @param mayReadTwice See `Source`.
 * @throws {InvalidOptionError} The budget is too small, or the platform cannot hold such a part.
 */
export function checkPartsFit(
  { lanes, memoryBytes }: Pick<ResolvedOptions, "lanes" | "memoryBytes">,
  { mostPartBytes }: Pick<Platform, "mostPartBytes">,
  sizeBytes: number,
  partBytes: number,
  mayReadTwice = false,
): void {
  const longestBytes = Math.min(sizeBytes, partBytes);
  if (longestBytes > mostPartBytes) {
    const wanted = `at most ${mostPartBytes}, the longest memory that this platform gives at once`;
    throw new InvalidOptionError("partBytes", longestBytes, wanted);
  }
  if (memoryBytes < longestBytes) {
    const wanted = `at least one part, ${longestBytes} bytes`;
    throw new InvalidOptionError("memoryBytes", memoryBytes, wanted);
  }
  if (lanes === null) return;
  const divided = dividedMemory(memoryBytes, longestBytes, mayReadTwice ? lanes : 0);
  const most = divided.buffers + divided.windows;
  if (Math.min(lanes, Math.ceil(sizeBytes / partBytes)) <= most) return;
  const fits = `as many parts of ${inMiB(longestBytes)} as fit into ${inMiB(memoryBytes)} of memory`;
  throw new InvalidOptionError("lanes", lanes, `at most ${most}, ${fits}`);
}

const inMiB = (bytes: number): string => `${Number((bytes / MiB).toFixed(1))} MiB`;
