import { lockClock, type LockClock } from "../lock-clock.js";

/** Returns a clock that runs this many times as fast as the machine's. */
export const fastLockClock = (speed: number): LockClock => ({
  monotonicMs: () => lockClock.monotonicMs() * speed,
  wallMs: () => lockClock.wallMs(),
  wait: (ms, signal) => lockClock.wait(ms / speed, signal),
});
