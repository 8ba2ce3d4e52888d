import { lockClock, type LockClock } from "../lock-clock.js";

/** A clock that runs so many times as fast as the machine's. */
export const fastLockClock = (speed: number): LockClock => ({
  monotonicMs: () => lockClock.monotonicMs() * speed,
  wallMs: () => lockClock.wallMs(),
  wait: (ms, signal) => lockClock.wait(ms / speed, signal),
});
