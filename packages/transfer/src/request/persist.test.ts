import { SfcCore } from "@img/core/core.js";
import { beforeEach, describe, expect, test } from "vitest";
import { resolveUploadOptions } from "../options.js";
import type { Platform } from "../ports.js";
import type { Failure } from "../retry.js";
import { startRun, type Run } from "../run/run.js";
import { ManualClock } from "../testing/manual-clock.js";
import { persist, type Attempt, type Outcome } from "./persist.js";

const { signal } = new AbortController();
const refused = new Error("refused");
let clock: ManualClock;
let run: Run;

beforeEach(() => {
  clock = new ManualClock();
  run = startRun(
    { clock } as unknown as Platform,
    resolveUploadOptions({ retryBudgetMs: 60_000 }, new SfcCore()),
  );
});

const fail = (failure: Failure, reachedBytes = 0): Outcome<string> => ({
  ok: false,
  failure,
  reachedBytes,
  error: refused,
});
const reset = (reachedBytes = 0): Outcome<string> =>
  fail(
    { kind: "connection", reason: "ECONNRESET", staleSocket: false, reached: true },
    reachedBytes,
  );
const store = (status: number, storeCode: string | null = null): Outcome<string> =>
  fail({ kind: "store", status, storeCode, retryAfter: null });
const done: Outcome<string> = { ok: true, value: "done" };

/** Persists through these outcomes. @returns What each try was told. */
async function through(...outcomes: Outcome<string>[]): Promise<Attempt[]> {
  const told: Attempt[] = [];
  const persisting = persist(run, signal, async (attempt) => {
    told.push(attempt);
    return outcomes.shift()!;
  });
  expect(await clock.runUntil(persisting)).toBe("done");
  return told;
}

test("a success at once costs no time and one try", async () => {
  const fromMs = clock.monotonicMs();

  expect(await through(done)).toEqual([{ failures: 0, first: "nothing" }]);
  expect(clock.monotonicMs()).toBe(fromMs);
});

test("each try is told how many have failed, and what the last verdict asked for", async () => {
  const told = await through(reset(), store(403), store(400, "BadDigest"), reset(), done);

  expect(told).toEqual([
    { failures: 0, first: "nothing" },
    { failures: 1, first: "nothing" },
    { failures: 1, first: "mint" },
    { failures: 1, first: "reread" },
    { failures: 2, first: "nothing" },
  ]);
});

test("getting further than any try before gives the tries back", async () => {
  const told = await through(reset(5), reset(5), reset(5), reset(9), reset(8), done);

  expect(told.map(({ failures }) => failures)).toEqual([0, 1, 2, 3, 1, 2]);
});

test("what stays a fact is not given back by getting further", async () => {
  const bad = { ...store(400, "BadDigest"), reachedBytes: 5 };
  const persisting = persist(run, signal, async () => ({
    ...bad,
    reachedBytes: bad.reachedBytes++,
  }));

  await expect(persisting).rejects.toBe(refused);
});

test("a hopeless failure is thrown as it is", async () => {
  await expect(persist(run, signal, async () => store(404))).rejects.toBe(refused);
});

test("what a try throws is thrown as it is", async () => {
  const thrown = new Error("a bug");

  await expect(persist(run, signal, () => Promise.reject(thrown))).rejects.toBe(thrown);
});

test("a 503 of the store slows the lanes down", async () => {
  await through(store(503), done);

  expect(run.pace.lanes).toBe(2);
});

describe("without any progress", () => {
  test("it ends within the budget", async () => {
    const fromMs = clock.monotonicMs();
    const persisting = persist(run, signal, async () => reset(7));

    await expect(clock.runUntil(persisting)).rejects.toMatchObject({ code: "NO_PROGRESS" });

    expect(clock.monotonicMs() - fromMs).toBe(60_000);
  });

  test("of its own, but of another's, it continues", async () => {
    const endMs = clock.monotonicMs() + 200_000;
    const persisting = persist(run, signal, async () => {
      run.patience.progressed();
      return clock.monotonicMs() < endMs ? reset() : done;
    });

    expect(await clock.runUntil(persisting)).toBe("done");
  });
});

describe("an abort", () => {
  test("before the first try leaves it undone", async () => {
    let tries = 0;
    const persisting = persist(run, AbortSignal.abort("enough"), async () => (tries++, done));

    await expect(persisting).rejects.toBe("enough");
    expect(tries).toBe(0);
  });

  test("while a try runs wins over how it ended", async () => {
    const stop = new AbortController();
    const persisting = persist(run, stop.signal, async () => (stop.abort("enough"), store(404)));

    await expect(persisting).rejects.toBe("enough");
  });

  test("while it waits ends the wait", async () => {
    const stop = new AbortController();
    const persisting = persist(run, stop.signal, async () => reset());
    while (clock.waiting === 0) await Promise.resolve();

    stop.abort("enough");

    await expect(persisting).rejects.toBe("enough");
    expect(clock.waiting).toBe(0);
  });
});
