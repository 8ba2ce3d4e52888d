import { createCipheriv, createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startServer, type Server } from "@img/local-server";
import { expect, vi } from "vitest";
import type { Chromium } from "./chromium.js";
import { PageServer } from "./page-server.js";
import type { Scripts } from "./scripts.js";
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
export class Rig {
  readonly chromium: Chromium;
  readonly pages: PageServer;
  readonly server: Server;
  readonly path: string;

  private constructor(chromium: Chromium, pages: PageServer, server: Server, path: string) {
    this.chromium = chromium;
    this.pages = pages;
    this.server = server;
    this.path = path;
  }

  /** @param image What stands in the file that tabs choose. */
  static async open(chromium: Chromium, scripts: Scripts, image: Uint8Array): Promise<Rig> {
    const folder = await mkdtemp(join(chromium.folder, "rig-"));
    const pages = await PageServer.start(scripts);
    const server = await startServer({
      dir: join(folder, "store"),
      port: 0,
      drainMs: 0,
      checkDigest: true,
      workspaces: ["lab"],
      allowOrigins: [pages.origin],
    });
    const path = join(folder, "disk.img");
    await writeFile(path, image);
    return new Rig(chromium, pages, server, path);
  }

  async close(): Promise<void> {
    for (const page of this.chromium.tabs()) await page.close();
    await this.server.close();
    await this.pages.close();
  }

  async openTab(): Promise<Tab> {
    const page = await (await this.chromium.context()).newPage();
    await page.goto(this.pages.origin);
    await page.evaluate(() => {
      const input = document.createElement("input");
      input.type = "file";
      document.body.append(input);
    });
    await page.setInputFiles("input", this.path);
    return new Tab(page, this.server);
  }
}

/** One tab, and the transfer that it does. */
export class Tab {
  readonly page: Page;
  readonly #server: Server;

  constructor(page: Page, server: Server) {
    this.page = page;
    this.#server = server;
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
    return this.page.evaluate(() => img.outcome());
  }

  storedText(): Promise<string> {
    return this.page.evaluate(() => img.storedText());
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
        expect(await this.page.evaluate(() => img.partsDone())).toBeGreaterThanOrEqual(parts),
      { timeout: 40_000 },
    );
  }
}
