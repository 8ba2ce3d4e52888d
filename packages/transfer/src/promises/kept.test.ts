import { describe, expect, test } from "vitest";
import { kept, untilAborted } from "./kept.js";

const { signal: never } = new AbortController();

// A rejection without a handler fails the whole run of these tests, as it ends a process.
test("a kept promise that nobody comes for rejects without ending the process", () => {
  expect(kept(Promise.reject(new Error("nobody comes")))).toBeInstanceOf(Promise);
});

test("who awaits a kept promise late is told its failure all the same", async () => {
  const promise = kept(Promise.reject(new Error("late")));
  await new Promise((resolve) => setImmediate(resolve));

  await expect(promise).rejects.toThrow("late");
});

describe("a wait until aborted", () => {
  test("is over with the promise", async () => {
    await expect(untilAborted(Promise.resolve(7), never)).resolves.toBe(7);
  });

  test("is over with the signal, before and while it waits", async () => {
    const stop = new AbortController();
    const waiting = untilAborted(new Promise(() => undefined), stop.signal);
    stop.abort("enough");

    await expect(waiting).rejects.toBe("enough");
    await expect(untilAborted(Promise.resolve(7), stop.signal)).rejects.toBe("enough");
  });

  test.each(["before", "while"])(
    "passes over a failure that comes after a stop %s it waits",
    async (when) => {
      const stop = new AbortController();
      if (when === "before") stop.abort("enough");
      let fail!: (error: Error) => void;
      const failing = new Promise<never>((_, reject) => (fail = reject));
      const waiting = untilAborted(failing, stop.signal);
      stop.abort("enough");

      await expect(waiting).rejects.toBe("enough");
      fail(new Error("too late"));
    },
  );
});
