import type { Command } from "commander";
import type { CommonFlags } from "../settings/common-options.js";
import { durationMs, size, wholeNumber, withCommonOptions } from "../settings/common-options.js";
import type { ConfigFile } from "../settings/config-file.js";

/** The flags that uploads and downloads share. */
export interface TransferFlags extends CommonFlags {
  readonly lanes?: number;
  readonly threads?: number;
  readonly partSize?: number;
  readonly memory?: number;
  readonly limitRate?: number;
  readonly retryFor?: number;
  readonly stall?: number;
  readonly force?: boolean;
}

export const withTransferOptions = (command: Command): Command =>
  withCommonOptions(
    command
      .optionsGroup("Transfer:")
      .option("--lanes <n>", "parts in flight at once, 1 to 32 [default: 4, grows]", wholeNumber)
      .option("--threads <n>", "threads that move a file, 1 to 16 [default: by cores]", wholeNumber)
      .option(
        "--part-size <size>",
        "length of a part, from 5M on [default: 5M to 16M, by the size]",
        size,
      )
      .option("--memory <size>", "maximum memory for parts [default: 256M]", size)
      .option(
        "--limit-rate <rate>",
        "maximum bytes per second, such as 60M [default: no limit]",
        size,
      )
      .option(
        "--retry-for <time>",
        "give up after this long without progress [default: 10m]",
        durationMs,
      )
      .option(
        "--stall <time>",
        "retry a part after this long without a byte [default: 30s]",
        durationMs,
      )
      .option("--force", "take over from a process that may still be running"),
  );

/**
 * Returns the flags as the library's options. For a flag that is missing, the configuration's value is used.
 */
export function transferOptions(flags: TransferFlags, file: ConfigFile): TransferOptionsGiven {
  return {
    lanes: flags.lanes ?? file.lanes,
    threads: flags.threads ?? file.threads,
    partBytes: flags.partSize ?? file.partSize,
    memoryBytes: flags.memory ?? file.memory,
    maxBytesPerSecond: flags.limitRate ?? file.limitRate,
    retryBudgetMs: flags.retryFor,
    stallMs: flags.stall,
    force: flags.force,
  };
}

interface TransferOptionsGiven {
  readonly lanes: number | undefined;
  /** Not used for a stream, which ignores it and moves in the process's main thread. */
  readonly threads: number | undefined;
  readonly partBytes: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly maxBytesPerSecond: number | undefined;
  readonly retryBudgetMs: number | undefined;
  readonly stallMs: number | undefined;
  readonly force: boolean | undefined;
}
