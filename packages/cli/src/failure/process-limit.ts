import { causeOf, text } from "./error-text.js";

/** A limit of this process. Running the same command again would meet it again. */
export interface ProcessLimit {
  readonly message: string;
  readonly hint: string;
}

const files: ProcessLimit = {
  message: "This process may not open more files.",
  hint: "Raise its limit, for example with: ulimit -n 1024",
};

const memory: ProcessLimit = {
  message: "The system does not give this process enough memory.",
  hint: "Raise its limit (ulimit -v unlimited), or take less: --memory, --lanes, --threads 1",
};

/** The codes, or the texts in messages of Node and of errors that wrap others, that show such a limit. */
const signs: readonly (readonly [RegExp, ProcessLimit])[] = [
  [/\bEMFILE\b/, files],
  [/\bENFILE\b/, { ...files, message: "This machine may not open more files." }],
  [
    /\bENOMEM\b|ERR_WORKER_OUT_OF_MEMORY|Array buffer allocation failed|WebAssembly\S*: (Out of memory|could not allocate)/,
    memory,
  ],
];

/** Finds the process limit behind an error. @returns Null if neither the error nor its causes are one. */
export function processLimit(error: unknown): ProcessLimit | null {
  for (let at = error; at instanceof Error; at = causeOf(at)) {
    const said = `${text(at, "code")} ${at.message}`;
    const found = signs.find(([sign]) => sign.test(said));
    if (found !== undefined) return found[1];
  }
  return null;
}
