/** The user, or the system, wants the process to end. */
export class InterruptedError extends Error {
  readonly code = "INTERRUPTED";
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals) {
    super(signal === "SIGINT" ? "Stopped with Ctrl-C." : `Stopped by ${signal}.`);
    this.signal = signal;
  }
}

/** What a command sees of the signals that would end it. */
export interface Interruption {
  /** Aborted, with an InterruptedError, by the first signal. */
  readonly signal: AbortSignal;
  /**
   * Waits for something that the signal aborts, but not for long: after a moment, or with a second
   * signal, it rejects all the same. A journal is safe at any moment.
   */
  readonly orCut: <T>(work: Promise<T>) => Promise<T>;
}

/** Whether a terminal shows what the process says: then it ends with the terminal. */
const isShown = (): boolean => process.stdout.isTTY || process.stderr.isTTY;

/** What ends a command. With `nohup`, or all output redirected, a closed terminal does not. */
export const endingSignals = (): readonly NodeJS.Signals[] =>
  isShown() ? ["SIGINT", "SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM"];

/** Node undoes that `nohup` has SIGHUP ignored, and would end with it. */
export function ignoreHangup(): void {
  if (!isShown()) process.on("SIGHUP", () => undefined);
}

/** With the way out of the process, this must stay under a second. */
const graceMs = 600;

/** Runs a command that ends well when it is interrupted. */
export async function interruptible<T>(
  work: (interruption: Interruption) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let cutNow: (reason: InterruptedError) => void = () => undefined;
  const cut = new Promise<never>((_, reject) => (cutNow = reject));
  cut.catch(() => undefined); // it may be that nobody waits
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
