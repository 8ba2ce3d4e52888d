import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packedChromium from "@sparticuz/chromium";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { vi } from "vitest";
import type { TestBrowser } from "./test-browser.js";

export type ChromiumPage = Page;

const modules = join(import.meta.dirname, "../../../../node_modules");

/** The browser's program, 200 MB, unpacked once for all test files. */
export async function unpackedChromium(): Promise<string> {
  const manifest = await readFile(join(modules, "@sparticuz/chromium/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const folder = join(modules, ".cache", `chromium-${version}`);
  const executable = join(folder, "chromium");
  if (existsSync(executable)) return executable;
  await mkdir(join(modules, ".cache"), { recursive: true });
  const unpacked = await mkdtemp(`${folder}-`);
  // It unpacks into the temporary folder, and takes what it finds there for whole.
  vi.stubEnv("TMPDIR", unpacked);
  await packedChromium.executablePath();
  vi.unstubAllEnvs();
  // Where another test file was first, its own is there and whole.
  await rename(unpacked, folder).catch(() => rm(unpacked, { recursive: true }));
  return executable;
}

/** A browser of a test file's own, with one profile that outlives its processes. */
export class Chromium implements TestBrowser<ChromiumPage> {
  readonly folder: string;
  readonly #executablePath: string;
  #running: BrowserContext | null = null;

  private constructor(folder: string, executablePath: string) {
    this.folder = folder;
    this.#executablePath = executablePath;
  }

  static async unpack(): Promise<Chromium> {
    const folder = await mkdtemp(join(tmpdir(), "img-browser-blob-"));
    return new Chromium(folder, await unpackedChromium());
  }

  /** The one browser that runs, started if there is none. */
  async context(): Promise<BrowserContext> {
    this.#running ??= await this.#start();
    return this.#running;
  }

  async newPage(): Promise<ChromiumPage> {
    return (await this.context()).newPage();
  }

  pages(): readonly ChromiumPage[] {
    return this.#running?.pages().slice(1) ?? [];
  }

  /**
   * A browser that nobody looks into, with a profile of its own: the network's instrumentation copies
   * each body that a page sends, which takes ten times as long as the sending.
   *
   * @returns What ends it.
   */
  openUnwatched(url: string): () => Promise<void> {
    const profile = join(this.folder, randomUUID());
    const args = ["--no-sandbox", "--headless", "--disable-gpu", "--enable-precise-memory-info"];
    const child = spawn(this.#executablePath, [...args, `--user-data-dir=${profile}`, url], {
      stdio: "ignore",
    });
    const ended = once(child, "exit");
    return async () => {
      child.kill("SIGKILL");
      await ended;
    };
  }

  /** Ends the browser as a crash or a power cut would. The next one has the same profile. */
  async kill(): Promise<void> {
    const context = await this.context();
    const closed = new Promise((resolve) => context.once("close", resolve));
    process.kill(await browserPid(this.#profile), "SIGKILL");
    await closed;
    this.#running = null;
  }

  async close(): Promise<void> {
    await this.#running?.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  get #profile(): string {
    return join(this.folder, "profile");
  }

  #start(): Promise<BrowserContext> {
    // Without the package's `args`: they switch web security off.
    return chromium.launchPersistentContext(this.#profile, {
      executablePath: this.#executablePath,
      args: ["--enable-precise-memory-info"],
    });
  }
}

/** The process of a browser, which is not one of its renderers. */
async function browserPid(profile: string): Promise<number> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    const args = line.split("\0");
    const ours = args.includes(`--user-data-dir=${profile}`);
    if (ours && !args.some((arg) => arg.startsWith("--type="))) return Number(name);
  }
  throw new Error("the browser is not running");
}
