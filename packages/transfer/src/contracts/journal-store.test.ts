import { describe, test } from "vitest";
import { journalStoreContract } from "./journal-store.js";
import { MemoryJournals } from "./memory-journals.js";

describe("journals in memory", () => {
  journalStoreContract({ test, open: () => new MemoryJournals(), cannot: {} });
});
