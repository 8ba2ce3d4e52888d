import { asFlag } from "./as-flag.js";
import { before, causeOf, text } from "./error-text.js";
import { exitCode, type ExitCode } from "./exit-code.js";
import {
  asSentence,
  asSetting,
  checkAddress,
  checkServer,
  getToken,
  inPlainWords,
  passing,
  settingHint,
  unreachable,
  unreachableHint,
} from "./service-words.js";
import {
  lockedBy,
  lockedHint,
  lost,
  nameTaken,
  nameTakenHint,
  noSpace,
  startAnew,
  targetHint,
} from "./transfer-words.js";

/** What is known of one kind of error. Errors are told apart by `code`, which stays. */
export interface Solution {
  readonly exit?: ExitCode;
  /** The exit code where the cause says more; undefined where it doesn't. */
  readonly byCause?: (error: unknown) => ExitCode | undefined;
  /** What happened, where the error's own message speaks of options that are no flags. */
  readonly what?: (error: unknown) => string;
  readonly hint?: (error: unknown) => string | undefined;
  /** Whether the command that goes on is told. @default only with exit code 75 */
  readonly goesOn?: boolean;
}

const goneOrForeign = "It was deleted meanwhile, or belongs to another account.";
const ownAddress = (): string => "Give --host an address of this machine.";

/** By `code`. What is not here is unexpected. */
export const solutions: Readonly<Record<string, Solution>> = {
  USAGE: { exit: exitCode.usage, hint: ownHint },
  DECLINED: {},
  NO_TOKEN: { exit: exitCode.notAuthorized, hint: ownHint },
  INTERRUPTED: {
    goesOn: true,
    byCause: (error) =>
      text(error, "signal") === "SIGINT" ? exitCode.interrupted : exitCode.tryAgain,
  },
  INVALID_OPTION: {
    exit: exitCode.usage,
    what: (error) => asFlag(before("\n", error), text(error, "option")),
  },
  REQUEST_INVALID: { exit: exitCode.usage, what: asSetting, hint: settingHint },
  IMAGE_SIZE: { exit: exitCode.usage },
  CHECK_FAILED: { exit: exitCode.unexpected },
  SOURCE_UNUSABLE: {
    exit: exitCode.usage,
    byCause: missingIsNotFound,
    what: (error) => before(" Use uploadStream", error),
    hint: pipeHint,
  },
  FORMAT_DAMAGED: { exit: exitCode.integrity },
  FORMAT_UNSUPPORTED: { exit: exitCode.usage },
  FORMAT_MISMATCH: {
    exit: exitCode.usage,
    what: (error) => before(" Let the format", error),
    hint: () => "Leave --format out, or give --format raw to take the bytes as they are.",
  },
  TARGET_UNUSABLE: { exit: exitCode.usage },
  NOT_AUTHORIZED: {
    exit: exitCode.notAuthorized,
    goesOn: true,
    what: refusedToken,
    hint: () => getToken,
  },
  UNAUTHORIZED: { exit: exitCode.notAuthorized, what: refusedToken, hint: () => getToken },
  FORBIDDEN: {
    exit: exitCode.notAuthorized,
    hint: () => "The image belongs to another account; only that one may change it.",
  },
  IMAGE_NOT_FOUND: { exit: exitCode.notFound, hint: () => "See what there is with: img list" },
  IMAGE_GONE: { exit: exitCode.notFound, what: lost, hint: startAnew },
  UPLOAD_LOST: { what: lost, hint: startAnew },
  COMPLETE_REFUSED: { what: lost, hint: startAnew },
  IMAGE_FAILED: { what: lost, hint: startAnew },
  IMAGE_NOT_READY: { exit: exitCode.notFound },
  NOT_FOUND: { exit: exitCode.notFound, hint: () => goneOrForeign },
  NAME_TAKEN: { exit: exitCode.taken, what: nameTaken, hint: nameTakenHint },
  CONFLICT: { exit: exitCode.taken },
  TARGET_EXISTS: {
    exit: exitCode.taken,
    what: (error) => before(" Choose another path", error),
    hint: targetHint,
  },
  SOURCE_CHANGED: {
    exit: exitCode.sourceChanged,
    what: (error) => before(" Try again first", error),
    goesOn: true,
    hint: () =>
      "Run it again first: if only metadata changed, what was sent is kept. Else put the former file back, or start anew with: --if-source-changed restart",
  },
  IMAGE_CHANGED: { exit: exitCode.sourceChanged, goesOn: true },
  DIGEST_MISMATCH: {
    exit: exitCode.integrity,
    hint: () => "Nothing was put in place. Try again; if it repeats, the stored image is damaged.",
  },
  CHAOS_FILE: {
    exit: exitCode.usage,
    hint: () => 'What it may say: "Misbehaving" in the README of @img/local-server.',
  },
  IMAGE_DIFFERS: { exit: exitCode.integrity },
  JOURNAL_CORRUPT: {
    exit: exitCode.integrity,
    what: (error) => before(" Forget it", error),
    hint: () => "Nothing was guessed. To start anew: img transfers forget NAME",
  },
  JOURNAL_VERSION: {},
  WRONG_ANSWER: { what: (error) => before(" Run it again", error), goesOn: true },
  JOURNAL_GONE: { hint: () => "Of an upload: img delete NAME, then upload it again." },
  JOURNAL_IO: { byCause: journalIo, goesOn: true },
  DISK: { byCause: fullDisk, goesOn: true },
  DIGEST_FAILED: { exit: exitCode.tryAgain },
  SCRIPT_NOT_LOADED: {
    exit: exitCode.tryAgain,
    what: (error) => before(" Reload the page", error),
  },
  TRANSFER_NOT_FOUND: {
    exit: exitCode.notFound,
    hint: () => "See which are with: img transfers",
  },
  TRANSFER_LOCKED: { exit: exitCode.locked, what: lockedBy, hint: lockedHint },
  STORE_LOCKED: { exit: exitCode.locked },
  STORE_LOCK_LOST: { exit: exitCode.locked },
  FOLDER_UNUSABLE: {
    exit: exitCode.usage,
    hint: () => "Give --dir a folder that you may write to; it is made if it is not there.",
  },
  BUCKET_UNUSABLE: {
    exit: exitCode.usage,
    hint: () => "Look at --store, --s3-endpoint and the AWS_… variables.",
  },
  CONDITIONAL_WRITES: { exit: exitCode.usage },
  STORE_UNFIT: { exit: exitCode.usage },
  NOT_ENOUGH_SPACE: { exit: exitCode.noSpace, what: noSpace, goesOn: true },
  ENOSPC: { exit: exitCode.noSpace },
  EADDRINUSE: {
    exit: exitCode.usage,
    what: (error) => `Something else listens on ${text(error, "address")}:${text(error, "port")}.`,
    hint: () => "Take another port with --port, or a free one with --port 0.",
  },
  EACCES: {
    byCause: (error) => (isListening(error) ? exitCode.usage : undefined),
    what: (error) =>
      isListening(error)
        ? `This user may not listen on ${text(error, "address")}:${text(error, "port")}.`
        : before("\n", error),
    hint: (error) => (isListening(error) ? "Take a --port from 1024 on." : undefined),
  },
  EADDRNOTAVAIL: {
    exit: exitCode.usage,
    what: (error) => `This machine has no address ${text(error, "address")}.`,
    hint: ownAddress,
  },
  ENOTFOUND: {
    exit: exitCode.usage,
    what: (error) => `Nobody knows the host ${text(error, "hostname")}.`,
    hint: ownAddress,
  },
  API_REFUSED: { byCause: apiStatus, what: apiRefused, hint: apiHint },
  BAD_REQUEST: {},
  WORKSPACE_REQUIRED: {
    exit: exitCode.usage,
    what: () => "The service requires a workspace.",
    hint: () =>
      "Set SFC_WORKSPACE, --workspace, or workspace in the configuration. img doctor finds your default one.",
  },
  INPUT_INVALID: {
    exit: exitCode.usage,
    what: (error) => asSentence(before("\n", error).replace("Input validation failed: ", "")),
  },
  NO_PROGRESS: {
    exit: exitCode.tryAgain,
    what: (error) => inPlainWords(before(" What has arrived", error)),
  },
  TRANSPORT: { exit: exitCode.tryAgain },
  CONNECTION_FAILED: { exit: exitCode.tryAgain, what: unreachable, hint: unreachableHint },
  REQUEST_TIMEOUT: { exit: exitCode.tryAgain, hint: () => checkServer },
  INTERNAL_SERVER_ERROR: { exit: exitCode.tryAgain },
  HTTP_ERROR: { byCause: passing, hint: addressHint },
  RESPONSE_INVALID: { hint: () => checkAddress },
};

const isListening = (error: unknown): boolean => text(error, "syscall") === "listen";

function ownHint(error: unknown): string | undefined {
  return text(error, "hint") || undefined;
}

function refusedToken(): string {
  return "The service does not accept the token.";
}

function pipeHint(error: unknown): string | undefined {
  const isPipe = before(" is a pipe", error) !== before("\n", error);
  return isPipe ? "Upload it as standard input: COMMAND | img upload - --name NAME" : undefined;
}

function missingIsNotFound(error: unknown): ExitCode | undefined {
  return text(causeOf(error), "code") === "ENOENT" ? exitCode.notFound : undefined;
}

function fullDisk(error: unknown): ExitCode | undefined {
  const full = ["ENOSPC", "EDQUOT"].includes(text(causeOf(error), "code"));
  return full ? exitCode.noSpace : undefined;
}

/** A folder that nobody can keep a journal in is the configuration's. */
function journalIo(error: unknown): ExitCode | undefined {
  const unusable = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "ENOENT"];
  return unusable.includes(text(causeOf(error), "code")) ? exitCode.usage : fullDisk(error);
}

/** What the client's error says by itself, where no answer came. */
function apiRefused(error: unknown): string {
  const cause = causeOf(error);
  const code = text(cause, "code");
  const saysMore = code === "CONNECTION_FAILED" || code === "WORKSPACE_REQUIRED";
  return (saysMore ? solutions[code]?.what?.(cause) : undefined) ?? before("\n", error);
}

function apiHint(error: unknown): string | undefined {
  const cause = causeOf(error);
  return solutions[text(cause, "code")]?.hint?.(cause);
}

/** A status that the API does not have, and that no other try mends, is some other server's. */
function addressHint(error: unknown): string | undefined {
  const exit = passing(error);
  return exit === undefined || exit === exitCode.notFound ? checkAddress : undefined;
}

function apiStatus(error: unknown): ExitCode | undefined {
  const cause = causeOf(error);
  return solutions[text(cause, "code")]?.exit ?? passing(cause);
}
