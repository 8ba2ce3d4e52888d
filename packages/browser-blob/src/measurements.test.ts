import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chromium } from "./testing/chromium.js";
import { DiscardServer } from "./testing/discard-server.js";
import { bytesFrom, MiB, Rig } from "./testing/rig.js";
import { pageScripts } from "./testing/scripts.js";

/** The page's sources. A function given to `evaluate` runs there, and sees no other name of this file. */
declare const img: typeof import("./testing/measure-page.js");

/** `IMG_BROWSER_MIB=1024` is the form whose figures are reported; it needs a machine of its own. */
const imageMib = Number(process.env["IMG_BROWSER_MIB"] ?? 64);
let chromium: Chromium;
let rig: Rig;
let discard: DiscardServer;

beforeAll(async () => {
  [chromium, discard] = await Promise.all([Chromium.unpack(), DiscardServer.start()]);
  rig = await Rig.open(chromium, await pageScripts("measure-page.ts"), new Uint8Array(1));
  const piece = bytesFrom("a large image", 8 * MiB);
  for (let at = 0; at < imageMib; at += 8) writeFileSync(rig.path, piece, { flag: at ? "a" : "w" });
}, 120_000);

afterAll(async () => {
  await rig.close();
  await discard.close();
  await chromium.close();
});

test.each(["a server that discards", "img serve"])(
  `${imageMib} MiB to %s leave the page's heap under 100 MiB`,
  async (to) => {
    const tab = await rig.openTab();
    const hashRate = await tab.page.evaluate((mib) => img.hashRate(mib), Math.min(imageMib, 256));
    const order = tab.order({ lanes: 4, partBytes: undefined }, to.replaceAll(" ", "-"));
    const server = to === "img serve" ? order.server : discard.url;
    const startMs = performance.now();
    const outcome = await tab.page.evaluate(
      async (order) => {
        img.watch();
        img.beginUpload(order, img.chosenFile());
        return img.outcome();
      },
      { ...order, server },
    );
    const rate = imageMib / ((performance.now() - startMs) / 1000);
    const { longTasksMs, mostHeapBytes } = await tab.page.evaluate(() => img.watched());
    console.log(
      `${imageMib} MiB to ${to}: ${Math.round(rate)} MiB/s, hash-wasm alone ${Math.round(hashRate)} MiB/s, ` +
        `ratio ${(rate / hashRate).toFixed(2)}; heap at most ${Math.round(mostHeapBytes / MiB)} MiB; ` +
        `tasks over 50 ms: ${longTasksMs.length === 0 ? "none" : longTasksMs.map(Math.round).join(", ")}`,
    );
    expect(outcome).toMatchObject({ movedBytes: imageMib * MiB });
    expect(mostHeapBytes).toBeLessThan(100 * MiB);
    await tab.page.close();
  },
  600_000,
);
