import { createCipheriv, createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { startServer, type Server } from "@img/local-server";
import { expect, vi } from "vitest";
import { PageServer } from "./page-server.js";
import type { Scripts } from "./scripts.js";
import type { TestBrowser, TestPage } from "./test-browser.js";
import type { Order, Outcome } from "./transfer-page.js";

/** The page's sources. A function given to `evaluate` runs there, and sees no other name of this file. */
declare const img: typeof import("./transfer-page.js");

export const MiB: number = 1024 * 1024;
export const partBytes: number = 5 * MiB;

/** The same bytes each time, that no compression and no accident makes. */
export function bytesFrom(seed: string, length: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

export const sha256Of = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** A service, a page of another origin that nothing was kept for, and a browser whose tabs come and go. */
export class Rig<Page extends TestPage = TestPage> {
  readonly browser: TestBrowser<Page>;
  readonly pages: PageServer;
  readonly path: string;
  #server: Server;

  private constructor(browser: TestBrowser<Page>, pages: PageServer, server: Server, path: string) {
    this.browser = browser;
    this.pages = pages;
    this.#server = server;
    this.path = path;
  }

  /** @param image What stands in the file that tabs choose. */
  static async open<Page extends TestPage>(
    browser: TestBrowser<Page>,
    scripts: Scripts,
    image: Uint8Array,
  ): Promise<Rig<Page>> {
    const folder = await mkdtemp(join(browser.folder, "rig-"));
    const pages = await PageServer.start(scripts);
    const server = await serve(join(folder, "store"), pages);
    const path = join(folder, "disk.img");
    await writeFile(path, image);
    return new Rig(browser, pages, server, path);
  }

  get server(): Server {
    return this.#server;
  }

  /** The server is gone: what connects is cut off, and counted, until `comeBack`. */
  async closeServer(): Promise<{ tries: () => number; comeBack: () => Promise<void> }> {
    const { token, url } = this.#server;
    const port = Number(new URL(url).port);
    await this.#server.close();
    let tries = 0;
    const nobody = createServer((socket) => {
      tries++;
      socket.destroy();
    });
    await once(nobody.listen(port, "127.0.0.1"), "listening");
    const comeBack = async (): Promise<void> => {
      await once(nobody.close(), "close");
      this.#server = await serve(join(this.path, "../store"), this.pages, { token, port });
    };
    return { tries: () => tries, comeBack };
  }

  async close(): Promise<void> {
    for (const page of this.browser.pages()) await page.close();
    await this.server.close();
    await this.pages.close();
  }

  async openTab(): Promise<Tab<Page>> {
    const page = await this.browser.newPage();
    await page.goto(this.pages.origin);
    const tab = new Tab(page, this.server);
    await tab.choose(this.path);
    return tab;
  }
}

const serve = (
  dir: string,
  { origin }: PageServer,
  at: { readonly token?: string; readonly port: number } = { port: 0 },
): Promise<Server> =>
  startServer({
    dir,
    ...at,
    drainMs: 0,
    checkDigest: true,
    workspaces: ["lab"],
    allowOrigins: [origin],
  });

/** One tab, and the transfer that it does. */
export class Tab<Page extends TestPage = TestPage> {
  readonly page: Page;
  readonly #server: Server;

  constructor(page: Page, server: Server) {
    this.page = page;
    this.#server = server;
  }

  /** A file, as from the dialog. */
  async choose(path: string): Promise<void> {
    await this.page.evaluate(() => {
      const input = document.createElement("input");
      input.type = "file";
      document.body.replaceChildren(input);
    }, null);
    await this.page.setInputFiles("input", path);
  }

  order(options: Order["options"] = {}, name = "disk"): Order {
    const { url, token } = this.#server;
    return { server: url, token, name, options: { partBytes, lanes: 1, ...options } };
  }

  beginUpload(options: Order["options"] = {}): Promise<void> {
    return this.page.evaluate(
      (order) => img.beginUpload(order, img.chosenFile()),
      this.order(options),
    );
  }

  async upload(options: Order["options"] = {}): Promise<Outcome> {
    await this.beginUpload(options);
    return this.outcome();
  }

  beginUploadOf(privateFile: string): Promise<void> {
    return this.page.evaluate(
      async ([order, name]) => img.beginUpload(order, await img.privateFile(name)),
      [this.order(), privateFile] as const,
    );
  }

  beginDownload(target: string, options: Order["options"] = {}): Promise<void> {
    return this.page.evaluate(
      async ([order, name]) => img.beginDownload(order, await img.privateFile(name)),
      [this.order(options), target] as const,
    );
  }

  async download(target: string, options: Order["options"] = {}): Promise<Outcome> {
    await this.beginDownload(target, options);
    return this.outcome();
  }

  outcome(): Promise<Outcome> {
    return this.page.evaluate(() => img.outcome(), null);
  }

  storedText(): Promise<string> {
    return this.page.evaluate(() => img.storedText(), null);
  }

  /** The browser takes a moment to see that another tab is gone, and its locks with it. */
  async uploadOnceFree(): Promise<Outcome> {
    return vi.waitFor(
      async () => {
        const outcome = await this.upload();
        if ("code" in outcome && outcome.code === "TRANSFER_LOCKED") throw new Error("locked");
        return outcome;
      },
      { timeout: 40_000 },
    );
  }

  /** Waits until so many parts have a receipt. */
  async reaches(parts: number): Promise<void> {
    await vi.waitFor(
      async () =>
        expect(await this.page.evaluate(() => img.partsDone(), null)).toBeGreaterThanOrEqual(parts),
      { timeout: 40_000 },
    );
  }
}
