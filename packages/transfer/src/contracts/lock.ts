import { checksOf, expectEqual, expectRejection, type Check, type Suite } from "./expect.js";

/** A lock that was taken. */
export interface TakenLock {
  /** Rejects with TransferLockedError if another has taken it by force. */
  check(): Promise<void>;
  /** Lets others take it; does nothing if one has. Idempotent. */
  release(): Promise<void>;
}

/** One lock, which any number may want. */
export interface LockSubject {
  /** Rejects with TransferLockedError while a living holder has it. */
  readonly take: (options: { readonly force: boolean }) => Promise<TakenLock>;
  /** Lets go of all that was taken. */
  readonly close: () => Promise<void>;
}

/** What the lock below a store of journals must do. */
export interface LockSuite extends Suite {
  /** A lock that nobody has, not shared with any other test. */
  readonly open: () => Promise<LockSubject>;
}

const politely = { force: false };
const byForce = { force: true };

/** The suite of the lock below a store of journals. */
export function lockContract(suite: LockSuite): void {
  const check = checksOf<LockSubject>(suite, async (run) => {
    const subject = await suite.open();
    try {
      await run(subject);
    } finally {
      await subject.close();
    }
  });
  politeChecks(check);
  forceChecks(check);
}

function politeChecks(check: Check<LockSubject>): void {
  check("who takes it first has it, until it lets go", async ({ take }) => {
    const first = await take(politely);
    await first.check();
    await expectRejection("TRANSFER_LOCKED", take(politely));
    await first.check();
    await first.release();
    await (await take(politely)).check();
  });

  check("it can be taken and let go of again and again", async ({ take }) => {
    for (let times = 0; times < 20; times++) await (await take(politely)).release();
    await (await take(politely)).check();
  });

  check("of many that want it at once, one has it", async ({ take }) => {
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => take(politely)));
    const taken = tries.filter((one) => one.status === "fulfilled");
    expectEqual(taken.length, 1);
    for (const one of tries) {
      if (one.status === "rejected")
        await expectRejection("TRANSFER_LOCKED", Promise.reject(one.reason as Error));
    }
  });

  check("letting go again does not let go of the next one's", async ({ take }) => {
    const first = await take(politely);
    await first.release();
    const second = await take(politely);
    await first.release();
    await expectRejection("TRANSFER_LOCKED", take(politely));
    await second.check();
  });
}

function forceChecks(check: Check<LockSubject>): void {
  check(
    "by force it is taken from a living holder, who is told when it looks",
    async ({ take }) => {
      const former = await take(politely);
      const next = await take(byForce);
      await expectRejection("TRANSFER_LOCKED", former.check());
      await next.check();
      await former.release();
      await next.check();
      await expectRejection("TRANSFER_LOCKED", take(politely));
    },
  );

  check("by force it is taken where nobody has it", async ({ take }) => {
    await (await take(byForce)).check();
    await expectRejection("TRANSFER_LOCKED", take(politely));
  });

  check("forced many times in turn, the last one has it", async ({ take }) => {
    const all: TakenLock[] = [];
    for (let times = 0; times < 5; times++) all.push(await take(byForce));
    const last = all.pop();
    for (const one of all) await expectRejection("TRANSFER_LOCKED", one.check());
    await last?.check();
  });
}
