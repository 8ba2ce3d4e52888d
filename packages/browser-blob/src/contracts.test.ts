import { appendFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { sourceChanges, type SourceChange, type StoreAnswer } from "@img/transfer/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ContractStore } from "../../node-fs/src/testing/contract-store.js";
import { Chromium } from "./testing/chromium.js";
import { contractOf, type Openers, type Port } from "./testing/contract-suites.js";
import { PageServer } from "./testing/page-server.js";
import { pageScripts } from "./testing/scripts.js";
import { heard, told, type Told } from "./testing/told.js";

/** The page's sources. A function given to `evaluate` runs there, and sees no other name of this file. */
declare const img: typeof import("./testing/contract-page.js");

let chromium: Chromium;
let server: PageServer;
let store: ContractStore;
let page: Page;
const uncaught: Error[] = [];

beforeAll(async () => {
  chromium = await Chromium.unpack();
  store = await ContractStore.start();
  server = await PageServer.start(await pageScripts("contract-page.ts"));
  page = await (await chromium.context()).newPage();
  page.on("pageerror", (error) => uncaught.push(error));
  await page.exposeFunction("hand", hand);
  await page.exposeFunction("store", (what: "serve" | "received", given: unknown) =>
    what === "serve"
      ? store.serve(heard(given as Told<StoreAnswer>))
      : store.received(given as string).map(told),
  );
  await page.goto(server.origin);
  await page.evaluate(() => document.body.append(document.createElement("input")));
  await page.evaluate(() => document.querySelector("input")?.setAttribute("type", "file"));
});

afterAll(async () => {
  await server.close();
  await store.close();
  await chromium.close();
  expect(uncaught).toEqual([]);
});

test("a journal that an older version left in IndexedDB is found, as one without a workspace", async () => {
  const { keys, contents } = await page.evaluate(() => img.olderRow());
  expect(keys).toEqual([
    { kind: "upload", server: "https://api.test", workspace: null, name: "debian" },
  ]);
  expect(contents).toBe("one");
});

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

for (const [port, what] of Object.entries(ports) as [Port, string][]) {
  describe(what, () => {
    for (const { title } of contractOf(port, onlyTitles)) {
      test(title, () =>
        page.evaluate(([port, title]) => img.runContract(port, title), [port, title] as const),
      );
    }
  });
}

describe("a digest that reads the chosen file itself", () => {
  test.each(sourceChanges)("says of one that was %s that the source changed", async (how) => {
    expect(await page.evaluate((how) => img.digestOfChanged(how), how)).toBe("SOURCE_CHANGED");
  });
});

/** What the page cannot do itself. */
async function hand(what: "make" | "choose" | "change", given?: unknown): Promise<void> {
  const path = join(chromium.folder, "disk.img");
  if (what === "make") await writeFile(path, Buffer.from(given as string, "latin1"));
  else if (what === "choose") await page.setInputFiles("input", path);
  else await change(path, given as SourceChange);
}

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
