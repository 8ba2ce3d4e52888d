import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chromium, type ChromiumPage } from "./testing/chromium.js";
import { bytesFrom, partBytes, Rig, sha256Of, type Tab } from "./testing/rig.js";
import { pageScripts } from "./testing/scripts.js";

declare const img: typeof import("./testing/one-shape-page.js");

const image = bytesFrom("one shape of call", partBytes + 1234);
const sha256 = sha256Of(image);
let chromium: Chromium;
let rig: Rig<ChromiumPage>;
let tab: Tab<ChromiumPage>;
beforeAll(async () => {
  const [browser, scripts] = await Promise.all([
    Chromium.unpack(),
    pageScripts("one-shape-page.ts"),
  ]);
  chromium = browser;
  rig = await Rig.open(chromium, scripts, image);
  tab = await rig.openTab();
});
afterAll(async () => {
  await rig.close();
  await chromium.close();
});

const uploaded = (kind: Parameters<typeof img.uploadAs>[1], url = ""): Promise<unknown> =>
  tab.page.evaluate(([order, kind, url]) => img.uploadAs(order, kind, url), [
    tab.order({}, `from-${kind}`),
    kind,
    url,
  ] as const);

const kinds = ["file", "handle", "source", "ReadableStream", "generator"] as const;
test.each(kinds)("upload takes a %s", async (kind) => {
  expect(await uploaded(kind)).toMatchObject({ sha256, sentBytes: image.length });
});

test("upload takes the URL of a file", async () => {
  const server = createServer((_, answer) => {
    answer.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end(image);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    expect(await uploaded("URL", `http://127.0.0.1:${port}/disk.img`)).toMatchObject({ sha256 });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("an upload of a source is resumed by the same call, and sends the rest alone", async () => {
  const order = tab.order({}, "resumed");
  const evaluate = <T>(work: (given: typeof order) => T): Promise<Awaited<T>> =>
    tab.page.evaluate(work, order) as Promise<Awaited<T>>;
  expect(await evaluate((given) => img.failAfterOnePart(given))).toMatchObject({ code: "NONE" });
  const resumed = await evaluate((given) => img.uploadAs(given, "source", ""));
  expect(resumed).toMatchObject({ sha256, resumed: true, sentBytes: image.length - partBytes });
});

test("a stream that fails leaves no image, and a stream without a name is refused", async () => {
  const failed = await tab.page.evaluate((order) => img.uploadFailing(order), tab.order({}, "f"));
  expect(failed).toMatchObject({
    code: "SOURCE_UNUSABLE",
    message: expect.stringContaining("torn") as string,
  });
  const refused = await tab.page.evaluate((order) => img.uploadWithoutName(order), tab.order());
  expect(refused).toMatchObject({ code: "INVALID_OPTION" });
});

test.each(["handle", "WritableStream"] as const)("download takes a %s", async (kind) => {
  await uploaded("file");
  const order = tab.order({}, "from-file");
  const got = await tab.page.evaluate(([order, kind]) => img.downloadTo(order, kind), [
    order,
    kind,
  ] as const);
  expect(got).toEqual({ sha256, sha256OfBytes: sha256 });
});

test("a stream that takes no more ends the download with a DiskError", async () => {
  await uploaded("file");
  const got = await tab.page.evaluate(
    (order) => img.downloadToFailing(order),
    tab.order({}, "from-file"),
  );
  expect(got).toMatchObject({ code: "DISK", message: expect.stringContaining("full") as string });
});
