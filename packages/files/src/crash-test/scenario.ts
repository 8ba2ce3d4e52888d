import type { FileSystem } from "../file-system.js";
import type { FakeProcess } from "./fake-machine.js";

/** The surroundings of a scenario. */
export interface World {
  readonly fs: FileSystem;
  /** The process that runs it. */
  readonly process: FakeProcess;
  /** Whether no operation fails. If one may fail, garbage may be left for the next process. */
  readonly sound: boolean;
  /** Resolves when this process dies. From then on it does nothing any more, not even over the network. */
  readonly died: Promise<void>;
}

/** A sequence of operations that is tried under every fault. It records in a history what it has promised. */
export interface Scenario<History> {
  begin(): History;
  copy(history: History): History;
  /**
   * Returns the part of a history that a recovery depends on, in a form that can be compared. If it and the
   * disk are equal, one recovery is tried for both. Without this function, each moment is tried.
   */
  toText?(history: History): string;
  /** Runs the scenario. Rejects only because of a fault. */
  run(world: World, history: History): Promise<void>;
  /** Recovers in a new process after a crash: resumes, and rejects with a Violation if a promise was broken. */
  recover(world: World, history: History): Promise<void>;
  /** Whether a fault may be reported by this error. */
  isExpected(error: unknown): boolean;
}

/** Never resolves: for a process that is not killed. */
export const never: Promise<never> = new Promise<never>(() => undefined);

/** A promise that was broken. */
export class Violation extends Error {}
