import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "vitest";
import { journalStoreContract } from "../../transfer/contracts/journal-store.js";
import { fileJournals } from "./journal-store.js";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "img-journals-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("journals in files", () => {
  journalStoreContract({ test, open: () => fileJournals(join(folder, "a/b")), cannot: {} });
});
