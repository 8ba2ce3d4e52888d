/**
 * What an adapter of the engine's ports must do, as suites for any test runner: each takes `test` as an
 * argument. An adapter that passes them works with the engine.
 *
 * ```ts
 * sinkContract({ test, open: () => openPlace(freshDir()), cannot: {} });
 * ```
 *
 * `cannot` names, by title and with the reason, the tests that do not apply: they are listed, not run.
 */
export { clockContract } from "./clock.js";
export type { ClockSubject, ClockSuite } from "./clock.js";
export { digestContract } from "./digest.js";
export type { DigestSubject, DigestSuite } from "./digest.js";
export { journalStoreContract } from "./journal-store.js";
export type { JournalStoreSuite } from "./journal-store.js";
export { lockContract } from "./lock.js";
export type { LockSubject, LockSuite, TakenLock } from "./lock.js";
export { sinkContract } from "./sink.js";
export type { SinkSubject, SinkSuite } from "./sink.js";
export { sourceContract } from "./source.js";
export {
  sourceChanges,
  type SourceChange,
  type SourceSubject,
  type SourceSuite,
} from "./source.js";
export { transportContract } from "./transport.js";
export type { TransportSuite } from "./transport.js";
export type {
  Hanging,
  Moment,
  ReceivedRequest,
  StoreAnswer,
  TransportSubject,
} from "./transport-subject.js";
export type { Suite } from "./expect.js";
export { MemoryJournals } from "./memory-journals.js";
