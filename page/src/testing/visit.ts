import type { Server } from "@img/local-server";
import axe from "axe-core";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";

const screens = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const;
const schemes = ["light", "dark"] as const;
const reports = join(import.meta.dirname, "../../../.reports/page");

/** A tab of Chromium with the page of a server. */
export class Visit {
  readonly page: Page;
  /** Errors on the page's console, and errors that nothing caught. */
  readonly problems: string[] = [];
  readonly #server: Server;

  private constructor(page: Page, server: Server) {
    this.page = page;
    this.#server = server;
    page.on("pageerror", (error) => this.problems.push(String(error)));
    page.on("console", (message) => {
      // The browser logs refused and failed requests on the console too.
      if (message.type() === "error" && !/status of 4(01|09)|ERR_/.test(message.text()))
        this.problems.push(message.text());
    });
  }

  /** Opens the page, which asks for the token. */
  static async begin(context: BrowserContext, server: Server): Promise<Visit> {
    const visit = new Visit(await context.newPage(), server);
    await visit.page.goto(server.url);
    return visit;
  }

  static async signedIn(context: BrowserContext, server: Server): Promise<Visit> {
    const visit = await Visit.begin(context, server);
    await visit.signIn();
    return visit;
  }

  async signIn(): Promise<void> {
    await this.page.getByLabel("Token").fill(this.#server.token);
    await this.page.keyboard.press("Enter");
    await this.page.getByRole("heading", { name: "Images", level: 2 }).waitFor();
  }

  /** The accessible name of the focused element. */
  focused() {
    return this.page.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.getAttribute("aria-label") ?? activeElement?.textContent;
    });
  }

  row(name: string) {
    return this.page.locator(`tbody tr[data-name="${name}"]`);
  }

  card(name: string) {
    return this.page.locator(`.transfer[data-name="${name}"]`);
  }

  /** Chooses an entry of the menu of an image. */
  async choose(name: string, item: string): Promise<void> {
    await this.page.getByRole("button", { name: `More actions for ${name}` }).click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }

  /**
   * Checks the page on each screen size, in each colour scheme: nothing is cut off, and axe finds nothing. The
   * pictures are kept in `.reports/page`.
   */
  async look(name: string): Promise<void> {
    await mkdir(reports, { recursive: true });
    for (const screen of screens) {
      await this.page.setViewportSize(screen);
      for (const colorScheme of schemes) {
        await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const path = join(reports, `${name}-${screen.width}-${colorScheme}.png`);
        await this.page.screenshot({ path });
        expect(await this.#violations(), path).toEqual([]);
      }
      expect(await this.page.evaluate(cutOff), `${name} at ${screen.width}`).toEqual([]);
    }
    await this.page.setViewportSize(screens[0]);
  }

  async #violations(): Promise<readonly string[]> {
    // Added by the protocol, since the page's policy would refuse it.
    if (!(await this.page.evaluate(() => "axe" in window))) await this.page.evaluate(axe.source);
    return this.page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({
        resultTypes: ["violations"],
      });
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary ?? ""}`),
      );
    });
  }
}

/**
 * Lists the controls that are not completely on the screen, from left to right; and tells whether the page is
 * too wide.
 */
function cutOff(): string[] {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const controls = [...document.querySelectorAll<HTMLElement>("button, input, select, a")];
  const cut = controls.filter((control) => {
    const { left, right, width } = control.getBoundingClientRect();
    return width > 0 && (left < 0 || right > innerWidth);
  });
  return [...(wide > 0 ? [`${wide} px too wide`] : []), ...cut.map((one) => one.outerHTML)];
}
