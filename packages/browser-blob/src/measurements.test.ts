import { afterAll, beforeAll, expect, test } from "vitest";
import { Chromium } from "./testing/chromium.js";
import { DiscardServer } from "./testing/discard-server.js";
import type { Measured, MeasureOrder } from "./testing/measure-page.js";
import { MiB, Rig } from "./testing/rig.js";
import { pageScripts, type Scripts } from "./testing/scripts.js";

/** `IMG_BROWSER_MIB=1024` is the form whose figures are reported; it needs a machine of its own. */
const mib = Number(process.env["IMG_BROWSER_MIB"] ?? 64);
let chromium: Chromium;
let discard: DiscardServer;
let scripts: Scripts;

beforeAll(async () => {
  [chromium, discard, scripts] = await Promise.all([
    Chromium.unpack(),
    DiscardServer.start(),
    pageScripts("measure-page.ts"),
  ]);
}, 120_000);

afterAll(async () => {
  await discard.close();
  await chromium.close();
});

test.each(["a server that discards", "img serve"])(
  `${mib} MiB to %s leave the page's heap under 100 MiB`,
  async (to) => {
    const rig = await Rig.open(chromium, scripts, new Uint8Array(1));
    const { url, token } = rig.server;
    const order: MeasureOrder = { server: to === "img serve" ? url : discard.url, token, mib };
    const address = `${rig.pages.origin}/?order=${encodeURIComponent(JSON.stringify(order))}`;
    const end = chromium.openUnwatched(address);
    const said = (await rig.pages.reported) as Measured;
    await end();
    await rig.close();
    console.log(`${mib} MiB to ${to}: ${inWords(said)}`);
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
