import { before } from "./error-text.js";
import { exitCode } from "./exit-code.js";
import type { Solution } from "./solutions.js";

/** Of errors about what a disk image says. */
export const formatSolutions: Readonly<Record<string, Solution>> = {
  FORMAT_DAMAGED: { exit: exitCode.integrity },
  FORMAT_UNSUPPORTED: { exit: exitCode.usage },
  FORMAT_MISMATCH: {
    exit: exitCode.usage,
    what: (error) => before(" Let the format", error),
    hint: () => "Leave --format out, or give --format raw to take the bytes as they are.",
  },
};
