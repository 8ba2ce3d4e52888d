import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { endingSignals, interruptible, InterruptedError } from "./interruption.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => undefined);

/** Returns a function that tells how the work ended; undefined while it runs. */
function watched(work: Promise<unknown>): () => unknown {
  let became: unknown;
  work.then(
    (value) => (became = value),
    (error: unknown) => (became = error),
  );
  return () => became;
}

test("a signal aborts at once, and work that ignores it is abandoned after 0.6 s", async () => {
  let signal: AbortSignal | undefined;
  const became = watched(interruptible((by) => ((signal = by.signal), by.orCut(never))));
  process.emit("SIGINT", "SIGINT");
  expect(signal?.reason).toBeInstanceOf(InterruptedError);
  await vi.advanceTimersByTimeAsync(599);
  expect(became()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(became()).toBe(signal?.reason);
});

test("a second signal does not wait", async () => {
  const became = watched(interruptible((by) => by.orCut(never)));
  process.emit("SIGTERM", "SIGTERM");
  process.emit("SIGINT", "SIGINT");
  await vi.advanceTimersByTimeAsync(0);
  expect(became()).toMatchObject({ code: "INTERRUPTED", signal: "SIGINT" });
});

test("on a terminal, a command that ends by itself leaves neither a timer nor a listener", async () => {
  const { isTTY } = process.stderr;
  process.stderr.isTTY = true;
  onTestFinished(() => void (process.stderr.isTTY = isTTY));
  const before = process.listenerCount("SIGHUP");
  let finish: (value: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => (finish = resolve));
  const running = interruptible((by) => by.orCut(work));
  process.emit("SIGHUP", "SIGHUP");
  finish("done");
  expect(await running).toBe("done");
  expect(vi.getTimerCount()).toBe(0);
  expect(process.listenerCount("SIGHUP")).toBe(before);
});

test("without a terminal, only SIGINT and SIGTERM end it", () => {
  expect(endingSignals()).toEqual(["SIGINT", "SIGTERM"]);
});
