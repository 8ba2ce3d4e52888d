/** Whether somebody sits there who can answer. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Asks on stderr. Anything but yes is no. */
export async function saysYes(question: string): Promise<boolean> {
  // Loaded late: it takes as long as reading a small file, and hardly any command asks.
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
