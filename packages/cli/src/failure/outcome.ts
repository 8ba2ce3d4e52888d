import type { ExitCode } from "./exit-code.js";

/** What the command knows of one kind of error beside what the error says. Errors are told apart by `code`, which stays. */
export interface Outcome {
  /** How the command ends; a function where the error's fields say more. @default 1 */
  readonly exit?: ExitCode | ((error: unknown) => ExitCode | undefined);
  /** What happened, in flags where the error speaks of options. @default the error's own `what` */
  readonly what?: (error: unknown) => string | undefined;
  /** What to do, in commands and flags. @default the error's own `advice` */
  readonly advice?:
    string | ((error: unknown, standing: Standing | undefined) => string | undefined);
  /** Whether the command that resumes is shown. @default only with exit code 75 */
  readonly resumes?: boolean | ((error: unknown) => boolean);
}

/** Where a transfer stood when it failed. */
export interface Standing {
  /** The command that resumes it; null where none can. */
  readonly resume: string | null;
  /** How far it is, or why nothing is kept, as a sentence; empty where that is not known. */
  readonly far: string;
}
