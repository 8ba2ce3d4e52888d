import { appendFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sourceChanges, type SourceChange, type StoreAnswer } from "@img/transfer/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ContractStore } from "../../node-fs/src/testing/contract-store.js";
import { contractOf, type Openers, type Port } from "./testing/contract-suites.js";
import { engines, type Engine } from "./testing/engines.js";
import { PageServer } from "./testing/page-server.js";
import { pageScripts } from "./testing/scripts.js";
import type { TestBrowser, TestPage } from "./testing/test-browser.js";
import { heard, told, type Told } from "./testing/told.js";

/** The page's sources. A function given to `evaluate` runs there, and sees no other name of this file. */
declare const img: typeof import("./testing/contract-page.js");

const ports: Readonly<Record<Port, string>> = {
  journals: "journals in IndexedDB",
  lock: "a Web Lock",
  source: "a file that was chosen",
  sink: "a part file in the private file system",
  digest: "a digest in a worker",
  clock: "the page's clock",
  transport: "what the page sends and fetches",
};

const onlyTitles = {} as Openers;

describe.each(engines)("$title", (engine: Engine) => {
  if (engine.missing.length > 0) {
    test.skip(`needs ${engine.missing.join(" and ")}`);
    return;
  }
  let browser: TestBrowser;
  let server: PageServer;
  let store: ContractStore;
  let page: TestPage;

  beforeAll(async () => {
    browser = await engine.open();
    store = await ContractStore.start();
    server = await PageServer.start(await pageScripts("contract-page.ts"), undefined, {
      make: (latin1: string) => writeFile(path(), Buffer.from(latin1, "latin1")),
      choose: () => page.setInputFiles("input", path()),
      change: (how: SourceChange) => change(path(), how),
      serve: (answer: Told<StoreAnswer>) => store.serve(heard(answer)),
      received: (url: string) => store.received(url).map(told),
    });
    page = await browser.newPage();
    await page.goto(server.origin);
    await page.evaluate(() => img.watch(), null);
  });

  afterAll(async () => {
    const uncaught = await page.evaluate(() => img.uncaught, null);
    await server.close();
    await store.close();
    await browser.close();
    expect(uncaught).toEqual([]);
  });

  const path = (): string => join(browser.folder, "disk.img");

  for (const [port, what] of Object.entries(ports) as [Port, string][]) {
    describe(what, () => {
      for (const { title } of contractOf(port, onlyTitles, engine.name)) {
        test(title, () =>
          page.evaluate(([port, title, engine]) => img.runContract(port, title, engine), [
            port,
            title,
            engine.name,
          ] as const),
        );
      }
    });
  }

  test("a journal that an older version left in IndexedDB is found, as one without a workspace", async () => {
    const { keys, contents } = await page.evaluate(() => img.olderRow(), null);
    expect(keys).toEqual([
      { kind: "upload", server: "https://api.test", workspace: null, name: "debian" },
    ]);
    expect(contents).toBe("one");
  });

  describe("a digest that reads the chosen file itself", () => {
    const missesBytes = (how: SourceChange): boolean => how !== "grown";
    const seen = engine.name === "Chromium" ? sourceChanges : sourceChanges.filter(missesBytes);
    test.each(seen)("says of one that was %s that the source changed", async (how) => {
      expect(await page.evaluate((how) => img.digestOfChanged(how), how)).toBe("SOURCE_CHANGED");
    });
  });
});

async function change(path: string, how: SourceChange): Promise<void> {
  switch (how) {
    case "overwritten":
      return writeFile(path, new Uint8Array(200_001));
    case "shortened":
      return truncate(path, 200_000);
    case "grown":
      return appendFile(path, "x");
    case "replaced":
      await writeFile(`${path}.new`, new Uint8Array(200_001));
      return rename(`${path}.new`, path);
    case "deleted":
      return rm(path);
  }
}
