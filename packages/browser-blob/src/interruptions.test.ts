import { appendFile, utimes } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Chromium, type ChromiumPage } from "./testing/chromium.js";
import { bytesFrom, partBytes, Rig, sha256Of, type Tab } from "./testing/rig.js";
import { pageScripts, type Scripts } from "./testing/scripts.js";

/** The page's sources. A function given to `evaluate` runs there, and sees no other name of this file. */
declare const img: typeof import("./testing/transfer-page.js");

const image = bytesFrom("an image", 3 * partBytes + 1);
const sha256 = sha256Of(image);

let chromium: Chromium;
let scripts: Scripts;
let rig: Rig<ChromiumPage>;

beforeAll(async () => {
  [chromium, scripts] = await Promise.all([Chromium.unpack(), pageScripts("transfer-page.ts")]);
});
afterAll(() => chromium.close());
beforeEach(async () => {
  rig = await Rig.open(chromium, scripts, image);
});
afterEach(() => rig.close());

/** A tab whose upload has the receipts of two parts, and whose third part is stalled. */
async function tabInTheMiddle(): Promise<Tab<ChromiumPage>> {
  const tab = await rig.openTab();
  rig.server.faults.add({ on: "part", partId: 3, do: "stall" });
  await tab.beginUpload();
  await tab.reaches(2);
  return tab;
}

/** A tab whose upload has the receipt of one part; the second one fails until `letThrough`. */
async function tabAtSecondPart(): Promise<{ tab: Tab<ChromiumPage>; letThrough: () => void }> {
  const tab = await rig.openTab();
  const fault = rig.server.faults.add({ on: "part", partId: 2, do: "reset", times: Infinity });
  await tab.beginUpload();
  await tab.reaches(1);
  return { tab, letThrough: () => fault.remove() };
}

/** What the journal says of the digest once it has taken so many parts. */
const positionAfter = (parts: number): RegExp =>
  new RegExp(`positionBytes\\W+${parts * partBytes}\\b`);

const resumes = { sha256, movedBytes: image.length - 2 * partBytes, resumed: true };

test("an upload resumes after its tab crashed", async () => {
  const tab = await tabInTheMiddle();
  const crashed = tab.page.waitForEvent("crash");
  void tab.page.goto("chrome://crash").catch(() => undefined);
  await crashed;
  expect(await (await rig.openTab()).uploadOnceFree()).toEqual(resumes);
});

test("a resume hashes nothing twice: the digest starts where the journal has its state", async () => {
  const tab = await tabInTheMiddle();
  const journal = (): Promise<string> => tab.storedText();
  await expect.poll(journal).toMatch(positionAfter(2));
  await tab.page.close();
  const next = await rig.openTab();
  await next.beginUpload({ maxBytesPerSecond: 2 * partBytes });
  const digested = () => next.page.evaluate(() => img.progress()?.digestedBytes ?? 0);
  await expect.poll(digested).toBeGreaterThan(0);
  // With what was sent before taken again, the first word would be of less.
  expect(await digested()).toBeGreaterThanOrEqual(2 * partBytes);
  expect(await next.outcome()).toEqual(resumes);
});

test("a second tab is told which tab works on its transfer, and resumes when that one is closed", async () => {
  const first = await tabInTheMiddle();
  const second = await rig.openTab();
  expect(await second.upload()).toMatchObject({ code: "TRANSFER_LOCKED" });
  expect(await second.page.evaluate(async () => (await img.listTransfers())[0]?.holder)).toEqual({
    pid: 0,
    host: "this browser",
    sinceSec: expect.any(Number) as number,
  });
  await first.page.close();
  expect(await second.uploadOnceFree()).toEqual(resumes);
});

test("a tab that takes the transfer by force gets it, and the former one ends", async () => {
  const first = await tabInTheMiddle();
  const second = await rig.openTab();
  expect(await second.upload({ force: true })).toEqual(resumes);
  await first.page.evaluate(() => img.abort());
  expect(await first.outcome()).not.toHaveProperty("sha256");
});

test("offline in the middle and online again, it continues by itself", async () => {
  const { tab, letThrough } = await tabAtSecondPart();
  const failed = tab.page.waitForEvent("requestfailed", {
    predicate: (request) => request.failure()?.errorText === "net::ERR_INTERNET_DISCONNECTED",
  });
  await tab.page.context().setOffline(true);
  await failed;
  letThrough();
  await tab.page.context().setOffline(false);
  expect(await tab.outcome()).toMatchObject({ sha256, movedBytes: image.length });
});

test("a tab that was put to sleep continues when it wakes up", async () => {
  const { tab, letThrough } = await tabAtSecondPart();
  const cdp = await tab.page.context().newCDPSession(tab.page);
  await cdp.send("Page.setWebLifecycleState", { state: "frozen" });
  letThrough();
  await cdp.send("Page.setWebLifecycleState", { state: "active" });
  expect(await tab.outcome()).toMatchObject({ sha256, movedBytes: image.length });
});

describe("a file that changed between runs", () => {
  test("in its size: the upload fails before anything is sent", async () => {
    const tab = await tabInTheMiddle();
    await tab.page.close();
    await appendFile(rig.path, "x");
    const sent = rig.server.requests.part;
    expect(await (await rig.openTab()).uploadOnceFree()).toMatchObject({ code: "SOURCE_CHANGED" });
    expect(rig.server.requests.part).toBe(sent);
  });

  test("in nothing but its time: the upload resumes", async () => {
    const tab = await tabInTheMiddle();
    await tab.page.close();
    await utimes(rig.path, 1, 1);
    expect(await (await rig.openTab()).uploadOnceFree()).toEqual(resumes);
  });
});

describe("when the site's data is cleared", () => {
  const clear = async (tab: Tab<ChromiumPage>): Promise<void> => {
    const cdp = await tab.page.context().newCDPSession(tab.page);
    await cdp.send("Storage.clearDataForOrigin", { origin: rig.pages.origin, storageTypes: "all" });
  };

  test("between runs, the image is begun again if the caller allows it", async () => {
    const tab = await tabInTheMiddle();
    await tab.page.close();
    const next = await rig.openTab();
    await clear(next);
    expect(await next.upload()).toMatchObject({ code: "NAME_TAKEN" });
    expect(await next.upload({ ifNameTaken: "replace-unfinished" })).toMatchObject({
      sha256,
      movedBytes: image.length,
      resumed: false,
    });
  });

  test("in the middle, it fails with an error about the journal", async () => {
    const { tab, letThrough } = await tabAtSecondPart();
    await clear(tab);
    letThrough();
    expect(await tab.outcome()).toMatchObject({ code: "JOURNAL_IO" });
  });
});
