import { InvalidArgumentError, Option, type Command } from "commander";
import { NotASize, parseBytes } from "../report/bytes.js";
import { NotADuration, parseDurationMs } from "../report/durations.js";
import type { OutputFlags } from "../report/output.js";
import type { ServiceFlags } from "./workspace.js";

/** The options of every command. */
export type CommonFlags = OutputFlags & ServiceFlags;

/** Adds the options for how much is printed. */
export const withOutputOptions = (command: Command): Command =>
  command
    .optionsGroup("Output:")
    .option("--json", "print one JSON object a line, errors on stderr")
    .option("-q, --quiet", "print nothing but errors")
    .option("-v, --verbose", "print each call and part, and the stack of an error")
    .helpOption("-h, --help", "show this help");

/** Adds the options for how much is printed and where the service is. */
export const withCommonOptions = (command: Command): Command =>
  withOutputOptions(
    command
      .optionsGroup("Service:")
      .option("--server <url>", "the service [default: $SFC_SERVER_URL, then the config file]")
      .option("--workspace <id-or-path>", "the workspace [default: $SFC_WORKSPACE, then the file]")
      .addOption(
        new Option(
          "--api-version <version>",
          "the version of the API [default: preview with a workspace, else v2]",
        ).choices(["v2", "preview"]),
      )
      .option("--allow-insecure-http", "send the token to another machine without encryption"),
  );

export const size = (text: string): number => orInvalid(() => parseBytes(text));
export const durationMs = (text: string): number => orInvalid(() => parseDurationMs(text));

export function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number.");
}

export function fromOne(text: string): number {
  if (/^0*[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number, 1 or higher.");
}

function orInvalid<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof NotASize || error instanceof NotADuration)) throw error;
    throw new InvalidArgumentError(error.message);
  }
}
