import type { FileSystem } from "../file-system.js";
import { errno } from "./memory-fs.js";
import { SteppedFs } from "./stepped-fs.js";

/**
 * The fault at operation `at`, counted from 0. `throw-once`, `throw-on`: this operation, or this and all later
 * ones, reject with `code`. `die-before`, `die-after`, `die-halfway`: the process ends there, so that neither
 * this operation nor any later one ever settles; with `die-halfway`, half of a write is done. `short`: a read
 * or write moves half of what was asked for.
 */
export interface Fault {
  readonly at: number;
  readonly mode: FaultMode;
  readonly code?: string;
}
export type FaultMode = (typeof faultModes)[number];

export const faultModes = [
  "throw-once",
  "throw-on",
  "die-before",
  "die-after",
  "die-halfway",
  "short",
] as const;

/** A file system that fails, or whose process dies, at one operation. */
export class FaultyFs extends SteppedFs {
  readonly #fault: Fault;
  #count = 0;
  readonly #divisible = new Set<number>();
  #dead = false;
  #die: () => void = () => undefined;
  /** Resolves when the process dies. */
  readonly died: Promise<void> = new Promise((resolve) => (this.#die = resolve));

  constructor(inner: FileSystem, fault: Fault) {
    super(inner);
    this.#fault = fault;
  }

  /** The number of operations so far. */
  get count(): number {
    return this.#count;
  }

  /** The operations of which half can be done, so far. */
  get divisible(): ReadonlySet<number> {
    return this.#divisible;
  }

  protected async step<Result>(
    run: () => Promise<Result>,
    half?: () => Promise<Result>,
  ): Promise<Result> {
    const { at, mode, code = "EIO" } = this.#fault;
    const number = this.#count++;
    if (half !== undefined) this.#divisible.add(number);
    if (this.#dead) return never();
    if (number === at ? mode.startsWith("throw") : number > at && mode === "throw-on") {
      throw errno(code);
    }
    if (number !== at) return run();
    if (mode === "short") return (half ?? run)();
    this.#dead = true;
    // A dead process does not learn whether the operation failed.
    if (mode === "die-after") await run().catch(() => undefined);
    if (mode === "die-halfway") await half?.().catch(() => undefined);
    this.#die();
    return never();
  }
}

const never = (): Promise<never> => new Promise(() => undefined);
