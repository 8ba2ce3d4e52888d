import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import type { TestBrowser, TestPage } from "./test-browser.js";

export const firefoxProgram = "/usr/bin/firefox-esr";

/** Starts faster, and sends nothing anywhere but to this machine: the proxy for other hosts is a closed port. */
const testPrefs = {
  "dom.ipc.processPrelaunch.enabled": false,
  "browser.startup.page": 0,
  "browser.sessionstore.resume_from_crash": false,
  "toolkit.startup.max_resumed_crashes": -1,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.proxy.type": 1,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
};

type Prefs = Readonly<Record<string, boolean | number | string>>;

/** Firefox ESR as Debian has it, driven by WebDriver BiDi. */
export class Firefox implements TestBrowser<FirefoxPage> {
  readonly folder: string;
  #running: { readonly process: ChildProcess; readonly browser: Browser } | null = null;
  #pages: FirefoxPage[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param prefs As in about:config. */
  static async open(prefs: Prefs = {}): Promise<Firefox> {
    const folder = await mkdtemp(join(tmpdir(), "img-firefox-"));
    await mkdir(join(folder, "profile"));
    const lines = Object.entries({ ...testPrefs, ...prefs }).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    await writeFile(join(folder, "profile/user.js"), lines.join(""));
    return new Firefox(folder);
  }

  async newPage(): Promise<FirefoxPage> {
    this.#running ??= await this.#start();
    const page = new FirefoxPage(await this.#running.browser.newPage());
    this.#pages.push(page);
    return page;
  }

  pages(): readonly FirefoxPage[] {
    return this.#pages.filter(({ page }) => !page.isClosed());
  }

  /** A browser without a driver, with a new profile. @returns What ends it. */
  async openUnwatched(url: string): Promise<() => Promise<void>> {
    const profile = await mkdtemp(join(this.folder, "profile-"));
    await copyFile(join(this.folder, "profile/user.js"), join(profile, "user.js"));
    const args = ["--headless", "--no-remote", "--profile", profile, url];
    const child = spawn(firefoxProgram, args, { stdio: "ignore" });
    const ended = once(child, "exit");
    return async () => {
      child.kill("SIGKILL");
      await ended;
    };
  }

  async kill(): Promise<void> {
    const process = this.#running?.process;
    this.#running = null;
    this.#pages = [];
    if (process === undefined) return;
    const ended = once(process, "exit");
    process.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Puppeteer's own way to start it changes the profile, and back again after a kill, while the next one starts. */
  async #start(): Promise<{ process: ChildProcess; browser: Browser }> {
    const profile = join(this.folder, "profile");
    const args = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile];
    const process = spawn(firefoxProgram, args, { stdio: ["ignore", "ignore", "pipe"] });
    const endpoint = await endpointOf(process);
    const browser = await puppeteer.connect({
      browserWSEndpoint: `${endpoint}/session`,
      protocol: "webDriverBiDi",
    });
    return { process, browser };
  }
}

/** It says on which port it listens. */
async function endpointOf(process: ChildProcess): Promise<string> {
  const lines = createInterface({ input: process.stderr! });
  for await (const line of lines) {
    const [, endpoint] = /listening on (ws:\S+)/.exec(line) ?? [];
    if (endpoint !== undefined) {
      process.stderr!.resume();
      return endpoint;
    }
  }
  throw new Error("Firefox ended");
}

export class FirefoxPage implements TestPage {
  /** Puppeteer's own, for what no other engine's tests need. */
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  goto(url: string): Promise<unknown> {
    return this.page.goto(url);
  }

  reload(): Promise<unknown> {
    return this.page.reload();
  }

  close(): Promise<void> {
    return this.page.close();
  }

  evaluate<Result, Given>(work: (given: Given) => Result, given: Given): Promise<Awaited<Result>> {
    return this.page.evaluate(work as (given: unknown) => Result, given);
  }

  async setInputFiles(selector: string, path: string): Promise<void> {
    const input = await this.page.waitForSelector(selector);
    await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(path);
  }
}
