/**
 * Every error that the engine makes, one class for each thing that a caller can act on; each stands with
 * those that the same person can fix.
 */
import type * as caller from "./errors/caller.js";
import type * as compressed from "./errors/compressed.js";
import type * as disk from "./errors/disk.js";
import type * as image from "./errors/image.js";
import type * as journal from "./errors/journal.js";
import type * as service from "./errors/service.js";
import type * as webSource from "./errors/web-source.js";
import { isBranded } from "./errors/transfer-error.js";

export * from "./errors/caller.js";
export * from "./errors/compressed.js";
export * from "./errors/disk.js";
export * from "./errors/image.js";
export * from "./errors/journal.js";
export * from "./errors/service.js";
export * from "./errors/web-source.js";
export { TransferError } from "./errors/transfer-error.js";
export type { TransferErrorOptions } from "./errors/transfer-error.js";

/** The errors that a module's classes make. */
type MadeBy<Module> = {
  [Name in keyof Module]: Module[Name] extends abstract new (...given: never) => infer Made
    ? Made
    : never;
}[keyof Module];

/** Every error that the engine makes, for a `switch` over `code`. */
export type AnyTransferError =
  | MadeBy<typeof caller>
  | MadeBy<typeof compressed>
  | MadeBy<typeof disk>
  | MadeBy<typeof image>
  | MadeBy<typeof journal>
  | MadeBy<typeof service>
  | MadeBy<typeof webSource>
  | DiskImageError;

/** An error about what a disk image says. Its classes are of `@img/disk-formats`, which knows no transfers. */
export interface DiskImageError extends Error {
  /** What went wrong. */
  readonly code: "FORMAT_DAMAGED" | "FORMAT_UNSUPPORTED" | "FORMAT_MISMATCH";
  /** What happened and why. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string | undefined;
  /** The format that the file was read as, such as "qcow2". */
  readonly format: string;
}

/**
 * Whether an error is one of a transfer's, so that a `switch` over its `code` narrows it. True for errors of every
 * installed copy of the packages. False for the reason of a signal, and for bugs.
 */
export const isTransferError = (error: unknown): error is AnyTransferError => isBranded(error);
