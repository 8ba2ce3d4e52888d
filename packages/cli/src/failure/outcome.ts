import type { ExitCode } from "./exit-code.js";

/**
 * What the command knows about one kind of error, in addition to the error's own text. Errors are identified by
 * their `code`, which never changes.
 */
export interface Outcome {
  /** The exit code; a function if it depends on the error's fields. @default 1 */
  readonly exit?: ExitCode | ((error: unknown) => ExitCode | undefined);
  /** What happened, with flags in place of the library's options. @default the error's own `what` */
  readonly what?: (error: unknown) => string | undefined;
  /** What to do, with commands and flags. @default the error's own `advice` */
  readonly advice?:
    string | ((error: unknown, standing: Standing | undefined) => string | undefined);
  /** Whether the command that resumes is shown. @default only with exit code 75 */
  readonly resumes?: boolean | ((error: unknown) => boolean);
}

/** The state of a transfer when it failed. */
export interface Standing {
  /** The command that resumes it; null if no command can. */
  readonly resume: string | null;
  /** How much has arrived, or why nothing is kept, as a sentence; empty if unknown. */
  readonly far: string;
}
