import { interruptible } from "../failure/interruption.js";
import { printable } from "./text-width.js";

/** Whether there is a person who can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/**
 * Asks a question on stderr. Only yes counts as yes.
 *
 * @throws {InterruptedError} Ctrl-C, or another signal, instead of an answer.
 */
export const isAnsweredYes = (question: string): Promise<boolean> =>
  interruptible(async ({ signal }) => {
    // Loaded only here: loading takes as long as reading a small file, and few commands ask.
    const { createInterface } = await import("node:readline/promises");
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    // The terminal is in raw mode: Ctrl-C is a key there, and Ctrl-D the end of the input.
    terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    const ended = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
    try {
      const answer = terminal.question(`${printable(question)} [y/N] `, { signal });
      return /^y(es)?$/i.test((await Promise.race([answer, ended])).trim());
    } catch (error) {
      process.stderr.write("\n");
      signal.throwIfAborted();
      throw error;
    } finally {
      terminal.close();
    }
  });
