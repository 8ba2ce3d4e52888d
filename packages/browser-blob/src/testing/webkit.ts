import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { TestBrowser, TestPage } from "./test-browser.js";
import { WebDriverSession } from "./webdriver.js";

const [driverProgram, gjs, screenProgram] = [
  "/usr/bin/WebKitWebDriver",
  "/usr/bin/gjs",
  "/usr/bin/Xvfb",
] as const;

const askAgainMs = 20;

/** What it needs: the last one is what gjs knows WebKit by. */
export const webkitNeeds: readonly string[] = [
  driverProgram,
  gjs,
  screenProgram,
  `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/girepository-1.0/WebKit2-4.1.typelib`,
];

/**
 * WebKitGTK as Debian has it, driven by WebDriver. With "safari" storage it has what Safari has: the
 * private file system, in a profile that outlives it. With "none" it is as its own distributions are:
 * no private file system, and `navigator.storage` is undefined.
 */
export class WebKit implements TestBrowser<WebKitPage> {
  readonly folder: string;
  readonly #storage: "safari" | "none";
  #screen: ChildProcess | null = null;
  #display = "";
  #running: { readonly driver: ChildProcess; readonly session: WebDriverSession } | null = null;
  #pages: WebKitPage[] = [];

  private constructor(folder: string, storage: "safari" | "none") {
    this.folder = folder;
    this.#storage = storage;
  }

  static async open(storage: "safari" | "none" = "safari"): Promise<WebKit> {
    return new WebKit(await mkdtemp(join(tmpdir(), "img-webkit-")), storage);
  }

  async newPage(): Promise<WebKitPage> {
    const first = this.#running === null;
    this.#running ??= await this.#start();
    const { session } = this.#running;
    const page = new WebKitPage(
      session,
      first ? await session.window() : await session.newWindow(),
    );
    this.#pages.push(page);
    return page;
  }

  pages(): readonly WebKitPage[] {
    return this.#pages.filter(({ closed }) => !closed);
  }

  async kill(): Promise<void> {
    const driver = this.#running?.driver;
    this.#running = null;
    this.#pages = [];
    if (driver === undefined) return;
    const ended = once(driver, "exit");
    process.kill(-driver.pid!, "SIGKILL"); // with its browser, which is of its group
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    this.#screen?.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(): Promise<{ driver: ChildProcess; session: WebDriverSession }> {
    if (this.#screen === null) await this.#startScreen();
    const env = { ...process.env, DISPLAY: this.#display };
    const port = await freePort();
    const driver = spawn(driverProgram, [`--port=${port}`], {
      detached: true,
      stdio: "ignore",
      env,
    });
    const script = join(import.meta.dirname, "webkit-browser.js");
    const args = ["-m", script, this.#storage, join(this.folder, "profile")];
    const options = { binary: gjs, args };
    const session = await WebDriverSession.start(`http://127.0.0.1:${port}`, {
      "webkitgtk:browserOptions": options,
    });
    return { driver, session };
  }

  async #startScreen(): Promise<void> {
    const args = ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
    this.#screen = spawn(screenProgram, args, {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    const [number] = (await once(this.#screen.stdio[3]!, "data")) as [Buffer];
    this.#display = `:${number.toString().trim()}`;
  }
}

/** The driver tells nobody which port it chose itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}

export class WebKitPage implements TestPage {
  readonly #session: WebDriverSession;
  readonly #window: string;
  closed = false;

  constructor(session: WebDriverSession, window: string) {
    this.#session = session;
    this.#window = window;
  }

  goto(url: string): Promise<unknown> {
    return this.#session.inWindow(this.#window, (call) => call("POST", "/url", { url }));
  }

  reload(): Promise<unknown> {
    return this.#session.inWindow(this.#window, (call) => call("POST", "/refresh", {}));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.#session.closeWindow(this.#window);
  }

  /**
   * The driver does one thing at a time, so that each of its scripts is short: one begins the work, others
   * ask what came of it.
   */
  async evaluate<Result, Given>(
    work: (given: Given) => Result,
    given: Given,
  ): Promise<Awaited<Result>> {
    const id = crypto.randomUUID();
    await this.#script(`(${begin.toString()})(${work.toString()}, arguments[0], arguments[1])`, [
      id,
      given ?? null,
    ]);
    for (;;) {
      const said = await this.#script<Said<Awaited<Result>> | null>(
        `return globalThis.said[arguments[0]] ?? null`,
        [id],
      );
      if (said === null) {
        await setTimeout(askAgainMs); // each question costs the driver and the browser a round trip
        continue;
      }
      if (said.error !== undefined) throw new Error(said.error);
      return said.value;
    }
  }

  async setInputFiles(selector: string, path: string): Promise<void> {
    await this.#session.inWindow(this.#window, async (call) => {
      const element = (await call("POST", "/element", {
        using: "css selector",
        value: selector,
      })) as object;
      const [id] = Object.values(element) as string[];
      await call("POST", `/element/${id}/value`, { text: path });
    });
  }

  async #script<Value>(script: string, args: readonly unknown[]): Promise<Value> {
    return (await this.#session.inWindow(this.#window, (call) =>
      call("POST", "/execute/sync", { script, args }),
    )) as Value;
  }
}

interface Said<Value> {
  readonly value: Value;
  readonly error?: string;
}

/** Runs in the page. */
function begin(work: (given: unknown) => unknown, id: string, given: unknown): void {
  const scope = globalThis as unknown as { said?: Record<string, unknown> };
  const all = (scope.said ??= {});
  const told = (value: unknown): void => {
    all[id] = { value: value ?? null };
  };
  void Promise.resolve()
    .then(() => work(given))
    .then(told, (error: unknown) => {
      all[id] = { error: String(error) };
    });
}
