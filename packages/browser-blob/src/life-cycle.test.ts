import { appendFile, open, rename, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engines, type Engine } from "./testing/engines.js";
import { bytesFrom, partBytes, Rig, sha256Of, type Tab } from "./testing/rig.js";
import { pageScripts, type Scripts } from "./testing/scripts.js";
import type { TestBrowser } from "./testing/test-browser.js";

/** The page's sources. A function given to `evaluate` runs there, and sees no other name of this file. */
declare const img: typeof import("./testing/transfer-page.js");

// Two parts that have arrived, and one that has not: the shortest image that can be resumed.
const image = bytesFrom("an image", 2 * partBytes + 1);
const sha256 = sha256Of(image);
const whole = { sha256, movedBytes: image.length, resumed: false };
const resumes = { sha256, movedBytes: image.length - 2 * partBytes, resumed: true };

let scripts: Scripts;
beforeAll(async () => {
  scripts = await pageScripts("transfer-page.ts");
});

describe.each(engines)("$title, an upload", { timeout: 180_000 }, (engine: Engine) => {
  if (engine.missing.length > 0) {
    test.skip(`needs ${engine.missing.join(" and ")}`);
    return;
  }
  let browser: TestBrowser;
  let rig: Rig;

  beforeAll(async () => {
    browser = await engine.open();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    rig = await Rig.open(browser, scripts, image);
  });
  afterEach(() => rig.close());

  /** A tab whose upload has the receipts of two parts; the third one is stalled until `letThrough`. */
  async function tabInTheMiddle(): Promise<{ tab: Tab; letThrough: () => void }> {
    const tab = await rig.openTab();
    const fault = rig.server.faults.add({ on: "part", partId: 3, do: "reset", times: Infinity });
    await tab.beginUpload();
    await tab.reaches(2);
    return { tab, letThrough: () => fault.remove() };
  }

  test("sends each part once, and the service finds the digest right", async () => {
    const tab = await rig.openTab();
    expect(await tab.upload({ lanes: 4 })).toEqual(whole);
    expect(rig.server.requests).toMatchObject({ create: 1, part: 3, complete: 1 });
    expect(await tab.page.evaluate(() => img.listTransfers(), null)).toEqual([]);
  });

  // fault D63
  test("with another SHA-256 than expected is not completed, and resumes with the right one", async () => {
    const tab = await rig.openTab();
    const wrong = { expectedSha256: sha256Of(bytesFrom("another image", 1)) };
    expect(await tab.upload(wrong)).toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(rig.server.requests.complete).toBe(0);
    const right = await tab.upload({ expectedSha256: sha256 });
    expect(right).toEqual({ sha256, movedBytes: 0, resumed: true });
  });

  // fault D48
  test("resumes after its tab was reloaded", async () => {
    const { tab, letThrough } = await tabInTheMiddle();
    await tab.page.reload();
    letThrough();
    await tab.choose(rig.path);
    expect(await tab.uploadOnceFree()).toEqual(resumes);
  });

  // fault D48
  test("resumes after its tab was closed", async () => {
    const { tab, letThrough } = await tabInTheMiddle();
    await tab.page.close();
    letThrough();
    expect(await (await rig.openTab()).uploadOnceFree()).toEqual(resumes);
  });

  // fault D48
  test("resumes after the browser was killed", async () => {
    const { letThrough } = await tabInTheMiddle();
    await browser.kill();
    letThrough();
    expect(await (await rig.openTab()).uploadOnceFree()).toEqual(resumes);
    expect(rig.server.requests.create).toBe(1);
  });

  test("resumes in the same tab after its signal was aborted", async () => {
    const { tab, letThrough } = await tabInTheMiddle();
    await tab.page.evaluate(() => img.abort(), null);
    expect(await tab.outcome()).toMatchObject({ message: "paused" });
    letThrough();
    expect(await tab.upload()).toEqual(resumes);
  });

  test("of a file in the private file system resumes without a dialog", async () => {
    const tab = await rig.openTab();
    await tab.page.evaluate(() => img.copyToPrivate("kept.img"), null);
    const fault = rig.server.faults.add({ on: "part", partId: 3, do: "reset", times: Infinity });
    await tab.beginUploadOf("kept.img");
    await tab.reaches(2);
    await browser.kill();
    fault.remove();
    const next = await rig.openTab();
    await next.page.evaluate(async (order) => {
      const [transfer] = await img.listTransfers();
      if (transfer?.handle) img.beginUpload(order, transfer.handle);
    }, next.order());
    expect(await next.outcome()).toEqual(resumes);
  });

  // fault D49
  test("in two tabs at once: one continues, the other is told so", async () => {
    const { tab, letThrough } = await tabInTheMiddle();
    const second = await rig.openTab();
    expect(await second.upload()).toMatchObject({ code: "TRANSFER_LOCKED" });
    letThrough();
    expect(await tab.outcome()).toEqual(whole);
  });

  // fault D48
  test("continues by itself after the server was gone for a while", async () => {
    const tab = await rig.openTab();
    rig.server.faults.add({ on: "part", partId: 3, do: "stall" });
    await tab.beginUpload();
    await tab.reaches(2);
    const gone = await rig.closeServer();
    await expect.poll(() => gone.tries()).toBeGreaterThan(1);
    await gone.comeBack();
    expect(await tab.outcome()).toEqual(whole);
  });

  describe("of a file that is changed", () => {
    const changes: Record<string, (path: string) => Promise<void>> = {
      "in place, with the same size": async (path) => {
        const file = await open(path, "r+");
        await file.write(Buffer.alloc(100, 1), 0, 100, 7);
        await file.close();
      },
      "by another one of the same size, under its name": async (path) => {
        await writeFile(`${path}.new`, bytesFrom("another image", image.length));
        await rename(`${path}.new`, path);
      },
    };

    // fault D50
    test.each(Object.entries(changes))("while it runs, %s, is not completed", async (_, change) => {
      const { tab, letThrough } = await tabInTheMiddle();
      await change(rig.path);
      letThrough();
      expect(await tab.outcome()).toMatchObject({ code: "SOURCE_CHANGED" });
      expect(rig.server.requests.complete).toBe(0);
    });

    // fault D50
    test.each(Object.entries(changes))(
      "while the tab holds it paused, %s, is not completed",
      async (_, change) => {
        const { tab, letThrough } = await tabInTheMiddle();
        await tab.page.evaluate(() => img.abort(), null);
        await tab.outcome();
        await change(rig.path);
        letThrough();
        expect(await tab.upload()).toMatchObject({ code: "SOURCE_CHANGED" });
        expect(rig.server.requests.complete).toBe(0);
      },
    );

    // fault D50
    test("between runs, by a byte that was sent, is not completed", async () => {
      const { tab } = await tabInTheMiddle();
      await tab.page.close();
      await changes["in place, with the same size"]!(rig.path);
      const next = await rig.openTab();
      expect(await next.uploadOnceFree()).toMatchObject({ code: "SOURCE_CHANGED" });
      expect(rig.server.requests.complete).toBe(0);
    });

    // fault D50
    test("while it runs, by an append, is not completed, or is what was chosen", async () => {
      const { tab, letThrough } = await tabInTheMiddle();
      await appendFile(rig.path, "x");
      letThrough();
      const outcome = await tab.outcome();
      if ("sha256" in outcome && engine.name !== "Chromium") expect(outcome).toEqual(whole);
      else expect(outcome).toMatchObject({ code: "SOURCE_CHANGED" });
    });
  });
});
