import { describe, expect, test } from "vitest";
import { turn } from "../testing/manual-clock.js";
import { aborted } from "../testing/faults.js";
import { linkedController, together } from "./together.js";

const { signal: never } = new AbortController();

describe("tasks that run together", () => {
  test("are waited for, those that tasks spawn among them", async () => {
    const done: string[] = [];

    await together(never, (_, spawn) => {
      spawn(async () => {
        await turn();
        spawn(async () => {
          await turn();
          done.push("second");
        });
        done.push("first");
      });
    });

    expect(done).toEqual(["first", "second"]);
  });

  test("end with the first failure, once all have settled", async () => {
    const first = new Error("first");
    let settled = false;

    const running = together(never, (signal, spawn) => {
      spawn(() => Promise.reject(first));
      spawn(async () => {
        await aborted(signal).catch(() => undefined);
        await turn();
        settled = true;
        throw new Error("second");
      });
    });

    await expect(running).rejects.toBe(first);
    expect(settled).toBe(true);
  });

  test("end with the outer signal's reason, whatever they threw on the way", async () => {
    const stop = new AbortController();

    const running = together(stop.signal, (signal, spawn) => {
      spawn(() => aborted(signal).catch(() => Promise.reject(new Error("another"))));
    });
    stop.abort("enough");

    await expect(running).rejects.toBe("enough");
  });

  test("see a signal that had aborted before", async () => {
    let seen: unknown;

    const running = together(AbortSignal.abort("enough"), (signal, spawn) => {
      spawn(async () => void (seen = signal.reason));
    });

    await expect(running).rejects.toBe("enough");
    expect(seen).toBe("enough");
  });

  test("that are none are done", async () => {
    await expect(together(never, () => undefined)).resolves.toBeUndefined();
  });
});

describe("a linked controller", () => {
  test("aborts with the outer signal, for as long as it is linked", () => {
    const outer = new AbortController();
    const [linked, unlinked] = [linkedController(outer.signal), linkedController(outer.signal)];
    unlinked.unlink();

    outer.abort("enough");

    expect(linked.controller.signal.reason).toBe("enough");
    expect(unlinked.controller.signal.aborted).toBe(false);
  });
});
