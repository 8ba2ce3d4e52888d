/**
 * What an adapter of the engine's ports must do, as suites for any test runner: each takes `test` as an
 * argument. An adapter that passes them works with the engine.
 */
export { journalStoreContract } from "./journal-store.js";
export type { Suite } from "./expect.js";
export { MemoryJournals } from "./memory-journals.js";
