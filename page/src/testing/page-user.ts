import { basename } from "node:path";
import type { Server } from "@img/local-server";
import { expect } from "vitest";
import type {
  TestBrowser,
  TestPage,
} from "../../../packages/browser-blob/src/testing/test-browser.js";

/** A user of the page, in any browser engine. */
export class PageUser {
  readonly page: TestPage;
  readonly #server: Server;

  private constructor(page: TestPage, server: Server) {
    this.page = page;
    this.#server = server;
  }

  /** Opens the page, as in a browser without pickers, and signs in. */
  static async open(browser: TestBrowser, server: Server): Promise<PageUser> {
    const user = new PageUser(await browser.newPage(), server);
    await user.page.goto(server.url);
    await user.page.evaluate((token) => sessionStorage.setItem("img token", token), server.token);
    await user.reload();
    return user;
  }

  async reload(): Promise<void> {
    await this.page.goto(this.#server.url);
    await this.page.evaluate(() => {
      const told: string[] = [];
      Object.assign(window, {
        problems: told,
        showSaveFilePicker: undefined,
        showOpenFilePicker: undefined,
      });
      // A real dialog would wait for a person. The input is kept in the page, and the driver sets its files.
      HTMLInputElement.prototype.click = () => undefined;
      addEventListener("error", ({ message }) => told.push(message));
      addEventListener("unhandledrejection", ({ reason }) => told.push(String(reason)));
      const { error } = console;
      console.error = (...given: unknown[]) => {
        told.push(given.join(" "));
        error(...given);
      };
    }, null);
  }

  /** Errors on the page's console, and errors that nothing caught. */
  problems(): Promise<readonly string[]> {
    return this.page.evaluate(
      () => (window as unknown as { problems: readonly string[] }).problems,
      null,
    );
  }

  /** Clicks the first button with this text, once there is one. */
  async click(text: string, within = "body"): Promise<void> {
    const clicked = (): Promise<boolean> =>
      this.page.evaluate(
        ([text, within]) => {
          const button = [...document.querySelectorAll<HTMLButtonElement>(`${within} button`)].find(
            (one) => (one.getAttribute("aria-label") ?? one.textContent) === text,
          );
          button?.click();
          return button !== undefined;
        },
        [text, within] as const,
      );
    await expect.poll(clicked, { message: `a button "${text}"` }).toBe(true);
  }

  /** Chooses a file, and uploads it under its name. */
  async uploads(path: string): Promise<void> {
    await this.click("Choose files");
    await this.chooses(path);
    await this.click(`Upload ${basename(path)}`);
  }

  /** Chooses a file in the file dialog. */
  chooses(path: string): Promise<void> {
    return this.page.setInputFiles("input[data-choosing]", path);
  }

  /** Cancels the file dialog. */
  cancels(): Promise<void> {
    return this.page.evaluate(() => {
      document.querySelector("[data-choosing]")?.dispatchEvent(new Event("cancel"));
    }, null);
  }

  /**
   * Waits until the card of this transfer shows the text, also as its picture's description; null: until the
   * card is gone.
   */
  async sees(name: string, text: RegExp | null): Promise<void> {
    const said = (): Promise<string | null> =>
      this.page.evaluate((name) => {
        const card = document.querySelector(`.transfer[data-name="${name}"]`);
        const map = card?.querySelector("canvas")?.getAttribute("aria-label") ?? "";
        return card && `${card.textContent} ${map}`;
      }, name);
    if (text === null) await expect.poll(said).toBeNull();
    else await expect.poll(said).toMatch(text);
  }

  /** Waits until the page shows this problem. */
  async seesProblem(text: RegExp): Promise<void> {
    const said = (): Promise<string | null> =>
      this.page.evaluate(() => document.querySelector(".strip")?.textContent ?? null, null);
    await expect.poll(said).toMatch(text);
  }

  /** Waits until the table of images shows the text; null: until it has no row. */
  async seesRow(text: RegExp | null): Promise<void> {
    const said = (): Promise<string | null> =>
      this.page.evaluate(() => document.querySelector("tbody")?.textContent || null, null);
    if (text === null) await expect.poll(said).toBeNull();
    else await expect.poll(said).toMatch(text);
  }
}
