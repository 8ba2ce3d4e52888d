import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chromium } from "./testing/chromium.js";
import { Firefox, firefoxProgram } from "./testing/firefox.js";
import { DiscardServer } from "./testing/discard-server.js";
import type { Measured, MeasureOrder } from "./testing/measure-page.js";
import { MiB, Rig } from "./testing/rig.js";
import { pageScripts, type Scripts } from "./testing/scripts.js";

/** `IMG_BROWSER_MIB=1024` is the form whose figures are reported, Firefox beside Chromium; it needs a machine of its own. */
const { IMG_BROWSER_MIB } = process.env;
const mib = Number(IMG_BROWSER_MIB ?? 64);
const isMeasured = IMG_BROWSER_MIB !== undefined && existsSync(firefoxProgram);
const runs = ["Chromium", ...(isMeasured ? ["Firefox"] : [])].flatMap((browser) =>
  ["a server that discards", "img serve"].map((to) => ({ browser, to })),
);
let chromium: Chromium;
let firefox: Firefox;
let discard: DiscardServer;
let scripts: Scripts;

beforeAll(async () => {
  [chromium, firefox, discard, scripts] = await Promise.all([
    Chromium.unpack(),
    Firefox.open(),
    DiscardServer.start(),
    pageScripts("measure-page.ts"),
  ]);
}, 120_000);

afterAll(async () => {
  await discard.close();
  await chromium.close();
  await firefox.close();
});

test.each(runs)(
  `${mib} MiB from $browser to $to leave the page's heap under 100 MiB`,
  async ({ browser, to }) => {
    const rig = await Rig.open(chromium, scripts, new Uint8Array(1));
    const { url, token } = rig.server;
    const order: MeasureOrder = { server: to === "img serve" ? url : discard.url, token, mib };
    const address = `${rig.pages.origin}/?order=${encodeURIComponent(JSON.stringify(order))}`;
    const end = await (browser === "Firefox" ? firefox : chromium).openUnwatched(address);
    const said = (await rig.pages.reported) as Measured;
    await end();
    await rig.close();
    console.log(`${mib} MiB from ${browser} to ${to}: ${inWords(said)}`);
    expect(said.sentBytes).toBe(mib * MiB);
    expect(said.mostHeapBytes).toBeLessThan(100 * MiB);
  },
  600_000,
);

function inWords({ hashMibPerSec, uploadMibPerSec, mostHeapBytes, longTasksMs }: Measured): string {
  const ratio = (uploadMibPerSec / hashMibPerSec).toFixed(2);
  const tasks = longTasksMs.length === 0 ? "none" : longTasksMs.map(Math.round).join(", ");
  return (
    `${Math.round(uploadMibPerSec)} MiB/s, hash-wasm alone ${Math.round(hashMibPerSec)} MiB/s, ` +
    `ratio ${ratio}; heap at most ${Math.round(mostHeapBytes / MiB)} MiB; tasks over 50 ms: ${tasks}`
  );
}
