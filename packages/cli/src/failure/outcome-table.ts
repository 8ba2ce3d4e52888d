import { explainError } from "@img/core/models/errors";
import type { NameTakenError } from "@img/node-fs";
import { formatBytes } from "../report/bytes.js";
import { asSentence } from "../report/text-width.js";
import { causeCode, causeOf, isTrue, text } from "./error-text.js";
import { exitCode, type ExitCode } from "./exit-code.js";
import { withFlags, wrongOption } from "./flags.js";
import type { Outcome, Standing } from "./outcome.js";
import {
  byCertificate,
  byStatus,
  bySource,
  byUnreachable,
  checkAddress,
  checkServer,
  gaveUp,
  tooLarge,
} from "./reachability.js";
import { serverOutcomes } from "./server-outcomes.js";

const getToken = "Set SFC_BEARER_AUTH, or token_command in the configuration, to a valid token.";
const refusedToken = (): string => "The service does not accept the token.";
const none = (): undefined => undefined;

/**
 * What the command knows of each error, keyed by `code`. Codes that are not listed end with 1 and the error's
 * own message.
 */
export const outcomes: Readonly<Record<string, Outcome>> = {
  ...serverOutcomes,
  USAGE: { exit: exitCode.usage },
  DECLINED: {},
  NO_TOKEN: { exit: exitCode.notAuthorized },
  INTERRUPTED: {
    exit: (error) =>
      text(error, "signal") === "SIGINT" ? exitCode.interrupted : exitCode.tryAgain,
    resumes: true,
  },
  INVALID_OPTION: { exit: exitCode.usage, what: wrongOption },
  REQUEST_INVALID: {
    exit: exitCode.usage,
    what: (error) => asSentence(withFlags(explainError(error).what)),
    advice: none,
  },
  INPUT_INVALID: { exit: exitCode.usage, advice: none },
  IMAGE_SIZE: { exit: exitCode.usage },
  CHECK_FAILED: {},
  SOURCE_UNUSABLE: {
    exit: (error) => (causeCode(error) === "ENOENT" ? exitCode.notFound : exitCode.usage),
  },
  SOURCE_UNREACHABLE: { exit: exitCode.tryAgain, advice: bySource },
  SOURCE_REFUSED: { exit: refusedSource, resumes: true },
  COMPRESSED_DAMAGED: { exit: exitCode.integrity },
  COMPRESSED_UNSUPPORTED: { exit: exitCode.usage },
  FORMAT_DAMAGED: { exit: exitCode.integrity },
  FORMAT_UNSUPPORTED: { exit: exitCode.usage },
  FORMAT_MISMATCH: {
    exit: exitCode.usage,
    advice: "Leave --format out, or give --format raw to take the bytes as they are.",
  },
  TARGET_UNUSABLE: { exit: exitCode.usage },
  NOT_AUTHORIZED: { exit: exitCode.notAuthorized, advice: getToken, resumes: true },
  UNAUTHORIZED: { exit: exitCode.notAuthorized, what: refusedToken, advice: getToken },
  FORBIDDEN: { exit: exitCode.notAuthorized },
  IMAGE_NOT_FOUND: { exit: exitCode.notFound, advice: "To list your images: img list" },
  IMAGE_GONE: { exit: exitCode.notFound, advice: startAnew },
  UPLOAD_LOST: { advice: startAnew },
  COMPLETE_REFUSED: { advice: startAnew },
  IMAGE_FAILED: { advice: startAnew },
  IMAGE_NOT_READY: { exit: exitCode.notFound },
  NOT_FOUND: {
    exit: exitCode.notFound,
    advice: "It was deleted meanwhile, or belongs to another account.",
  },
  NAME_TAKEN: { exit: exitCode.taken, advice: renameOrResume },
  CONFLICT: { exit: exitCode.taken },
  TARGET_EXISTS: {
    exit: exitCode.taken,
    advice: (error) =>
      isTrue(error, "mayOverwrite")
        ? "Choose another path, or replace a file with --overwrite."
        : "Choose another path: only a regular file can be replaced.",
  },
  SOURCE_CHANGED: {
    exit: exitCode.sourceChanged,
    advice:
      "Run it again first: if only metadata changed, what was sent is kept. Otherwise restore the original file, or start over with: --if-source-changed restart",
    resumes: true,
  },
  IMAGE_CHANGED: { exit: exitCode.sourceChanged, resumes: true },
  DIGEST_MISMATCH: {
    exit: exitCode.integrity,
    advice: (error) =>
      text(error, "advice") ||
      "Nothing was put in place. Try again; if it repeats, the stored image is damaged.",
  },
  IMAGE_DIFFERS: { exit: exitCode.integrity },
  JOURNAL_CORRUPT: {
    exit: exitCode.integrity,
    advice: "To start over: img transfers forget NAME",
  },
  JOURNAL_VERSION: {},
  JOURNAL_GONE: { advice: "For an upload: img delete NAME, then upload it again." },
  // If no journal can be kept, no upload has begun.
  JOURNAL_IO: { exit: journalIo, resumes: (error) => journalIo(error) !== exitCode.usage },
  WRONG_ANSWER: { resumes: true },
  DISK: { exit: fullDisk, resumes: true },
  DIGEST_FAILED: { exit: exitCode.tryAgain },
  SCRIPT_NOT_LOADED: { exit: exitCode.tryAgain },
  TRANSFER_NOT_FOUND: {
    exit: exitCode.notFound,
    advice: "To list unfinished uploads: img transfers",
  },
  TRANSFER_LOCKED: {
    exit: exitCode.locked,
    // `--force` is safe only if the holder may be dead, and only the library knows that.
    advice: (error) =>
      isTrue(error, "mayForce")
        ? "Wait for it, or stop it; if it is certainly gone, take over with --force."
        : "Wait for it, or stop it.",
  },
  NOT_ENOUGH_SPACE: {
    exit: exitCode.noSpace,
    what: noSpace,
    advice: "Free space on it, or choose another disk, and run it again.",
    resumes: true,
  },
  ENOSPC: { exit: exitCode.noSpace },
  API_REFUSED: { exit: (error) => exitOf(causeOf(error)), advice: none },
  BAD_REQUEST: { advice: none },
  WORKSPACE_REQUIRED: {
    exit: exitCode.usage,
    advice:
      "Set SFC_WORKSPACE, --workspace, or workspace in the configuration. img doctor finds your default one.",
  },
  PART_REFUSED: { advice: tooLarge },
  NO_PROGRESS: { exit: exitCode.tryAgain, what: gaveUp, advice: byUnreachable },
  TRANSPORT: { exit: exitCode.tryAgain },
  CONNECTION_FAILED: { exit: exitCode.tryAgain, advice: byCertificate },
  REQUEST_TIMEOUT: { exit: exitCode.tryAgain, advice: checkServer },
  INTERNAL_SERVER_ERROR: { exit: exitCode.tryAgain, advice: none },
  HTTP_ERROR: { exit: passing, advice: byStatus },
  RESPONSE_INVALID: { advice: checkAddress },
};

/** Returns the exit code of an error. */
export function exitOf(error: unknown): ExitCode | undefined {
  const exit = outcomes[text(error, "code")]?.exit;
  return typeof exit === "function" ? exit(error) : exit;
}

/**
 * Returns the exit code of a status that another try may help with, or that says the user has no permission.
 */
function passing(error: unknown): ExitCode | undefined {
  const status = Number(text(error, "statusCode"));
  if (status === 401 || status === 403) return exitCode.notAuthorized;
  if (status === 404) return exitCode.notFound;
  return status >= 500 || status === 408 || status === 429 ? exitCode.tryAgain : undefined;
}

/** Returns the exit code for an answer of the web server that a URL names. */
function refusedSource(error: unknown): ExitCode | undefined {
  const status = Number(text(error, "status"));
  if (status === 401 || status === 403) return exitCode.notAuthorized;
  return status === 404 || status === 410 ? exitCode.notFound : undefined;
}

function fullDisk(error: unknown): ExitCode | undefined {
  return ["ENOSPC", "EDQUOT"].includes(causeCode(error)) ? exitCode.noSpace : undefined;
}

/**
 * Returns the exit code of a journal's failure: a folder in which no journal can be kept is an error of the
 * configuration.
 */
function journalIo(error: unknown): ExitCode | undefined {
  const unusable = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "ENOENT"];
  return unusable.includes(causeCode(error)) ? exitCode.usage : fullDisk(error);
}

/** Returns the advice to start over. Only for the upload of a file: what else helps is in the error itself. */
function startAnew(error: unknown, standing: Standing | undefined): string | undefined {
  const advice = text(error, "advice") || undefined;
  return advice !== undefined && standing?.resume != null
    ? "To start over, add: --if-image-gone restart"
    : advice;
}

function renameOrResume(error: unknown): string {
  const known = Reflect.get(Object(error), "knownAs") as NameTakenError["knownAs"] | undefined;
  if (known) return resumeElsewhere(known);
  const rename = "Choose another with --name, or delete that image";
  return text(error, "uploadStatus") === "completed"
    ? `${rename}; if it may be this very file: --if-name-taken accept-same`
    : `${rename}; if nobody works on it: --if-name-taken replace-unfinished`;
}

/** Returns the command that resumes an upload to the same service by another URL, or without the workspace. */
function resumeElsewhere({ server, workspace }: NonNullable<NameTakenError["knownAs"]>): string {
  const where = workspace === null ? server : `${server}, workspace ${workspace}`;
  const flags = workspace === null ? ", without a workspace" : ` --workspace ${workspace}`;
  return `An unfinished upload of this image is known for ${where}; to resume it, pass --server ${server}${flags}.`;
}

function noSpace(error: unknown): string {
  const bytes = (field: string): string => formatBytes(Number(text(error, field)));
  return `The image needs ${bytes("neededBytes")} more, but the disk has ${bytes("freeBytes")} free.`;
}
