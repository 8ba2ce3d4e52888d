/** Thrown when the user or the system asks the process to end. */
export class InterruptedError extends Error {
  readonly code = "INTERRUPTED";
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals) {
    super(signal === "SIGINT" ? "Stopped with Ctrl-C." : `Stopped by ${signal}.`);
    this.signal = signal;
  }
}

/** What a command knows of the signals that end it. */
export interface Interruption {
  /** Aborted by the first signal, with an InterruptedError. */
  readonly signal: AbortSignal;
  /**
   * Waits for work that the signal aborts, but not for long: shortly after the signal, or at a second one, it
   * rejects even if the work still runs. The journal is safe at any moment.
   */
  readonly orCut: <T>(work: Promise<T>) => Promise<T>;
}

/** Whether the output goes to a terminal. If so, the process ends when the terminal is closed. */
const isShown = (): boolean => process.stdout.isTTY || process.stderr.isTTY;

/**
 * The signals that end a command. A closed terminal does not end it if `nohup` is used or all output is
 * redirected.
 */
export const endingSignals = (): readonly NodeJS.Signals[] =>
  isShown() ? ["SIGINT", "SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM"];

/** Ignores SIGHUP again: Node resets the handler that `nohup` has set, and would end. */
export function ignoreHangup(): void {
  if (!isShown()) process.on("SIGHUP", () => undefined);
}

/** Together with the exit of the process, this must stay under a second. */
const graceMs = 600;

/** Runs a command, and lets it clean up when it is interrupted. */
export async function interruptible<T>(
  work: (interruption: Interruption) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let cutNow: (reason: InterruptedError) => void = () => undefined;
  const cut = new Promise<never>((_, reject) => (cutNow = reject));
  cut.catch(() => undefined); // it is possible that no caller waits for it
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    const reason = new InterruptedError(name);
    if (controller.signal.aborted) cutNow(reason);
    else timer = setTimeout(() => cutNow(reason), graceMs);
    controller.abort(reason);
  };
  const names = endingSignals();
  for (const name of names) process.on(name, onSignal);
  try {
    const orCut = <R>(waiting: Promise<R>): Promise<R> => Promise.race([waiting, cut]);
    return await work({ signal: controller.signal, orCut });
  } finally {
    clearTimeout(timer);
    for (const name of names) process.off(name, onSignal);
  }
}
