import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { startServer } from "@img/local-server";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Chromium } from "../../packages/browser-blob/src/testing/chromium.js";
import { bytesFrom, MiB } from "../../packages/browser-blob/src/testing/rig.js";
import { Visit } from "./testing/visit.js";

const image = bytesFrom("an image", 17 * MiB);
let chromium: Chromium;

beforeAll(async () => {
  chromium = await Chromium.unpack();
});
afterAll(() => chromium.close());

async function visitAPage(): Promise<Visit> {
  const dir = join(await mkdtemp(join(chromium.folder, "url-")), "store");
  const server = await startServer({ dir, port: 0, drainMs: 0, checkDigest: true });
  onTestFinished(() => server.close());
  const visit = await Visit.signedIn(await chromium.context(), server);
  onTestFinished(() => visit.page.close());
  return visit;
}

test("a URL that is pasted is fetched by the page, and uploaded", async () => {
  const url = await webServer((range, answer) => {
    const from = Number(/\d+/.exec(range)?.[0] ?? 0);
    const to = Number(/-(\d+)/.exec(range)?.[1] ?? image.length - 1);
    answer.writeHead(206, { ...anyPage, ETag: '"1"', "Content-Length": to - from + 1 });
    answer.end(image.subarray(from, to + 1));
  });
  const visit = await visitAPage();
  await paste(visit, `${url}/builds/M%C3%BCller.img?signature=secret`);
  await visit.card("Muller.img").getByText(`17.0 MiB · from ${url}/builds/M`).waitFor();
  await visit.look("url");
  expect(await visit.page.locator("body").textContent()).not.toContain("secret");
  await visit.page.getByRole("button", { name: "Upload Muller.img" }).press("Enter");
  await expect.poll(() => visit.row("Muller.img").textContent()).toContain("Uploaded 17.0 MiB");
});

test("the page says that a URL forbids reading; a URL without ranges is fetched whole", async () => {
  const visit = await visitAPage();
  const { page } = visit;
  const closed = await webServer((_, answer) => answer.end(image));
  await page.getByLabel("URL of a disk image").fill(`${closed}/disk.img`);
  await page.keyboard.press("Enter");
  await page.getByText("does not allow other sites to read it (CORS)").waitFor();
  await visit.look("url-forbidden");
  const whole = await webServer((_, answer) => answer.writeHead(200, anyPage).end(image));
  await paste(visit, `${whole}/whole.img`);
  await page.getByRole("button", { name: "Upload whole.img" }).press("Enter");
  await expect.poll(() => visit.row("whole.img").textContent()).toContain("Uploaded 17.0 MiB");
});

const anyPage = { "Access-Control-Allow-Origin": "*" };

/** Starts a web server of another origin. */
async function webServer(answer: (range: string, answer: ServerResponse) => void): Promise<string> {
  const web = createServer((asked, made) => answer(asked.headers.range ?? "", made));
  await once(web.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    web.closeAllConnections();
    web.close();
  });
  return `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
}

async function paste({ page }: Visit, text: string): Promise<void> {
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    document.body.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
  }, text);
}
