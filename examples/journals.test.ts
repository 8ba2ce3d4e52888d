import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileJournals } from "@img/node-fs";
import { journalStoreContract } from "@img/transfer/contracts";
import { afterAll, beforeAll, describe, test } from "vitest";
import { mirroredJournals } from "./mirrored-journals.js";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "img-mirrored-"))));
afterAll(() => rm(folder, { recursive: true }));

describe("mirrored-journals.ts keeps the contract of a store of journals", () => {
  let stores = 0;
  journalStoreContract({
    test,
    cannot: {},
    open: () => {
      const own = join(folder, String(stores++));
      return mirroredJournals(fileJournals(join(own, "here")), join(own, "share"));
    },
  });
});
