import type { Clock } from "../ports.js";
import { checksOf, expectEqual, expectReason, type Check, type Suite } from "./expect.js";

/** A clock, and the hand that turns it. */
export interface ClockSubject {
  /** The clock under test. */
  readonly clock: Clock;
  /** Lets so much time pass; a real clock needs only to wait. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What every clock must do. */
export interface ClockSuite extends Suite {
  /** Opens a clock for one test. */
  readonly open: () => ClockSubject;
}

/** The suite of a clock. */
export function clockContract(suite: ClockSuite): void {
  const check = checksOf<ClockSubject>(suite, (run) => run(suite.open()));
  tellingChecks(check);
  waitingChecks(check);
}

function tellingChecks(check: Check<ClockSubject>): void {
  check("the wall clock tells Unix time in ms", async ({ clock }) => {
    const year = 1970 + clock.wallMs() / (365.25 * 86_400_000);
    expectEqual(year > 2020 && year < 2200, true);
  });

  check("the monotonic clock continues, and never back", async ({ clock, pass }) => {
    const first = clock.monotonicMs();
    const again = clock.monotonicMs();
    expectEqual(again >= first, true);
    await pass(20);
    expectEqual(clock.monotonicMs() > again, true);
  });
}

function waitingChecks(check: Check<ClockSubject>): void {
  check("waits end after their time, whatever the order of the calls", async ({ clock, pass }) => {
    const { signal } = new AbortController();
    const ended: number[] = [];
    const waits = [60, 0, 20].map((ms) => clock.wait(ms, signal).then(() => ended.push(ms)));
    await pass(70);
    await Promise.all(waits);
    expectEqual(ended, [0, 20, 60]);
  });

  check("a wait that is aborted rejects with the reason at once", async ({ clock }) => {
    const reason = new Error("enough");
    const abort = new AbortController();
    const waiting = clock.wait(3_600_000, abort.signal);
    abort.abort(reason);
    await expectReason(reason, waiting);
  });

  check("a wait that was aborted before rejects with the reason", async ({ clock }) => {
    const reason = new Error("enough");
    const abort = new AbortController();
    abort.abort(reason);
    await expectReason(reason, clock.wait(0, abort.signal));
  });

  check("aborting after a wait has ended changes nothing", async ({ clock, pass }) => {
    const abort = new AbortController();
    const waiting = clock.wait(1, abort.signal);
    await pass(5);
    await waiting;
    abort.abort(new Error("too late"));
    await waiting;
  });
}
