import type { FileSystem } from "../file-system.js";
import type { FakeProcess } from "./fake-machine.js";

/** Where a scenario runs. */
export interface World {
  readonly fs: FileSystem;
  /** The process that runs it. */
  readonly process: FakeProcess;
  /** Whether every operation does as it is told. If not, garbage may be left, for the next process. */
  readonly sound: boolean;
  /** Resolves when this process dies: then nothing of it continues, in the network neither. */
  readonly died: Promise<void>;
}

/** Something that is tried under every fault. It knows, at any time, what it has promised. */
export interface Scenario<History> {
  begin(): History;
  copy(history: History): History;
  /**
   * What of a history a recovery depends on, in a form that can be compared: where it and the disk are the
   * same, one recovery shows what comes of both. Without it each moment is another.
   */
  toText?(history: History): string;
  /** Rejects only if a fault makes it so. */
  run(world: World, history: History): Promise<void>;
  /** In a new process, after a crash. Resumes, and rejects with a Violation if a promise was broken. */
  recover(world: World, history: History): Promise<void>;
  /** Whether this is how a fault may be told. */
  isExpected(error: unknown): boolean;
}

/** Of a process that is not killed. */
export const never: Promise<never> = new Promise<never>(() => undefined);

/** A promise that was broken. */
export class Violation extends Error {}
