import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ImageSizeError, openImageSource, openUrlSource, SourceUnusableError } from "@img/node-fs";
import { closing } from "@img/transfer";
import type { FormatFlag } from "../disks/disk-options.js";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import { explain, ofFile } from "../failure/failure.js";
import { text } from "../failure/error-text.js";
import { quoted } from "../failure/typed-again.js";
import { interruptible } from "../failure/interruption.js";
import { UsageError } from "../failure/usage-error.js";
import { printFailure, type OutputFlags } from "../report/output.js";
import { checkName } from "./image-name.js";
import type { DigestOf } from "./sha256sums.js";
import { labelOf, nameOf, schemeIn, urlIn } from "./upload-input.js";

const mostBytes = 128 * 1024 ** 3;

/** The flags that say what the files are. */
export interface InputFlags extends OutputFlags {
  readonly name?: string;
  readonly format?: FormatFlag;
}

/**
 * Reports what is wrong with each file, before the first byte of any is sent.
 *
 * @param digestOf Throws if the expected SHA-256 of a file is not known.
 * @returns The exit code of the first mistake.
 * @throws {UsageError} The arguments as a whole are wrong.
 */
export async function checkInputs(
  files: readonly string[],
  flags: InputFlags,
  digestOf: DigestOf,
): Promise<ExitCode> {
  checkTogether(files, flags.name);
  return interruptible(async ({ signal, orCut }) => {
    const names = new Map<string, string>();
    let first: ExitCode = exitCode.done;
    for (const file of files) {
      const checked = async (): Promise<void> => {
        await checkArgument(file, flags.name, files.length > 1);
        checkTwin(file, flags.name ?? nameOf(file), names);
        digestOf(file);
        // What is wrong with the bytes of the only file, its upload finds out.
        if (files.length > 1) await checkBytes(file, flags.format, signal);
      };
      const code = await orCut(checked()).then(
        () => exitCode.done,
        (error: unknown) => told(error, file, files.length > 1, flags),
      );
      if (signal.aborted) return code;
      if (first === exitCode.done) first = code;
    }
    return first;
  });
}

function told(error: unknown, file: string, namesFile: boolean, flags: OutputFlags): ExitCode {
  const failure = explain(error);
  printFailure(flags, namesFile ? ofFile(failure, labelOf(file)) : failure, error);
  return failure.exitCode;
}

function checkTogether(files: readonly string[], name: string | undefined): void {
  if (files.includes("-")) {
    throw new UsageError(
      "Standard input (-) cannot be uploaded together with files.",
      "Upload the files with a separate command.",
    );
  }
  if (name === undefined) return;
  if (files.length > 1) {
    throw new UsageError("--name is for one file.", "Leave it out, and each gets its own name.");
  }
  checkName(name);
}

/** What the argument alone tells, and whether there is such a file. */
async function checkArgument(
  file: string,
  name: string | undefined,
  isOneOfMany: boolean,
): Promise<void> {
  const stats = urlIn(file) === null ? await stat(file).catch(() => null) : "URL";
  if (stats === null) {
    checkScheme(file);
    checkEncoding(file);
    return; // opening it tells why
  }
  if (stats !== "URL") checkKind(file, stats);
  if (name === undefined) checkName(nameOf(file), isOneOfMany);
}

/** What is no image, but can be given in another way. */
function checkKind(file: string, stats: Stats): void {
  const piped = "img upload - --name NAME";
  if (/^\/dev\/std(out|err)$|^\/(dev|proc\/self)\/fd\/[12]$/.test(file)) {
    throw new SourceUnusableError(`${file} is an output of this command, not a file.`, {
      advice: `To upload standard input: ${piped}`,
    });
  }
  if (stats.isFIFO() || stats.isSocket()) {
    const by = file.startsWith("/dev/fd/") ? `COMMAND | ${piped}` : `${piped} < ${quoted(file)}`;
    throw new SourceUnusableError(
      `${file} is a pipe, not a regular file: it can be read only once.`,
      { advice: `Give it to standard input: ${by}` },
    );
  }
  if (stats.isDirectory()) {
    throw new SourceUnusableError(`${file} is a folder. An image is one file or block device.`, {
      advice: `To upload the files in it: img upload ${quoted(join(file, "*"))}`,
    });
  }
}

/** Two files of the same name would become the same image. */
function checkTwin(file: string, name: string, names: Map<string, string>): void {
  const twin = names.get(name);
  if (twin === undefined) names.set(name, file);
  else {
    throw new UsageError(
      `${labelOf(twin)} and ${labelOf(file)} have the same name, ${name}.`,
      "Upload them with --name, one by one.",
    );
  }
}

/** Refuses what is no file and looks like a URL. */
function checkScheme(file: string): void {
  const scheme = schemeIn(file);
  if (scheme === null) return;
  if (scheme === "https" || scheme === "http") {
    throw new UsageError(`${labelOf(file)} is not a valid URL.`, "Check its host and its port.");
  }
  throw new UsageError(
    `${labelOf(file)} cannot be read: ${scheme}: is not supported.`,
    "Supported are URLs that begin with https:// or http://, and paths of files.",
  );
}

/**
 * Refuses names that are not UTF-8: Node reads them with replacement characters, and then finds no such file.
 */
function checkEncoding(file: string): void {
  if (!file.includes("\ufffd")) return;
  throw new UsageError(
    `The name of ${file} is not UTF-8.`,
    "Rename the file, or redirect it: img upload - --name NAME < FILE",
  );
}

/** Opens a file and checks its format and size. */
async function checkBytes(
  file: string,
  format: FormatFlag | undefined,
  signal: AbortSignal,
): Promise<void> {
  const url = urlIn(file);
  if (url !== null) return checkUrl(url, signal);
  const source = await openImageSource(file, { format, signal });
  await closing(source, async () => {
    const { sizeBytes } = source;
    // The size of a compressed file's disk is found out by its upload.
    if (sizeBytes !== null && (sizeBytes === 0 || sizeBytes > mostBytes)) {
      throw new ImageSizeError(sizeBytes);
    }
  });
}

/** How long a web server may give nothing. */
const retryBudgetMs = 5_000;

/** Whether a web server refuses the file; what else can be wrong may be over when its turn comes. */
async function checkUrl(url: URL, signal: AbortSignal): Promise<void> {
  try {
    const source = await openUrlSource(url, { format: "raw", signal, retryBudgetMs });
    await source.close();
  } catch (error) {
    if (text(error, "code") === "SOURCE_REFUSED" || signal.aborted) throw error;
  }
}
