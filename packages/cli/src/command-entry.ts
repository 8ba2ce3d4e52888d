import type { Command } from "commander";

/** One command, as the overview knows it. */
export interface CommandEntry {
  readonly summary: string;
  /** With its options; what it does is loaded when it is run. */
  readonly make: () => Command;
}

/** Commands by name. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;
