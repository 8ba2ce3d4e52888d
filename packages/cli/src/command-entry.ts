import type { Command } from "commander";

/** One command, as listed by `img --help`. */
export interface CommandEntry {
  readonly summary: string;
  /** Makes the command with its options. The code that runs it is loaded later. */
  readonly make: () => Command;
}

/** Commands, keyed by name. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;
