import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { startServer, type Server } from "@img/local-server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Chromium } from "../../packages/browser-blob/src/testing/chromium.js";
import { bytesFrom, MiB, sha256Of } from "../../packages/browser-blob/src/testing/rig.js";

const image = bytesFrom("an image", 17 * MiB);
const sha256 = sha256Of(image);
let chromium: Chromium;
let server: Server;
let context: BrowserContext;
let page: Page;
let path: string;
let problems: string[];

beforeAll(async () => {
  chromium = await Chromium.unpack();
  context = await chromium.context();
  // As in browsers that let no page write to the disk: a picker has no hands here.
  await context.addInitScript(() => {
    Object.assign(window, { showSaveFilePicker: undefined, showOpenFilePicker: undefined });
  });
});
afterAll(() => chromium.close());

beforeEach(async () => {
  const folder = await mkdtemp(join(chromium.folder, "page-"));
  server = await startServer({
    dir: join(folder, "store"),
    port: 0,
    drainMs: 0,
    checkDigest: true,
  });
  path = join(folder, "Debian 13 (trixie).img");
  await writeFile(path, image);
  problems = [];
  page = await openPage();
});
afterEach(async () => {
  await page.close();
  await server.close();
  expect(problems).toEqual([]);
});

async function openPage(): Promise<Page> {
  const opened = await context.newPage();
  opened.on("pageerror", (error) => problems.push(String(error)));
  opened.on("console", (message) => {
    // What the server refuses is told on the console too.
    if (message.type() === "error" && !/status of 4(01|09)/.test(message.text()))
      problems.push(message.text());
  });
  await opened.goto(server.url);
  return opened;
}

async function signIn(on: Page = page): Promise<void> {
  await on.getByLabel("Token").fill(server.token);
  await on.keyboard.press("Enter");
  await on.getByRole("heading", { name: "Images", level: 2 }).waitFor();
}

async function drop(files: string[]): Promise<void> {
  const cdp = await context.newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await cdp.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
  }
}

const card = (name = "Debian-13-trixie.img") => page.locator(`.transfer[data-name="${name}"]`);
const partsLabel = () => card().locator("canvas").getAttribute("aria-label");
const stateOf = () => card().getAttribute("data-state");
const chooseBy = async (button: string, file = path): Promise<void> => {
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: button }).press("Enter");
  await (await choosing).setFiles(file);
};
const choose = (file?: string) => chooseBy("Choose files", file);
const row = () => page.locator("tbody tr");

test("a wrong token is refused with a reason, and the right one opens the page", async () => {
  await page.getByLabel("Token").fill("wrong");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.getByRole("alert").textContent()).toContain("does not accept");
  await signIn();
  await page.reload();
  await page.getByRole("heading", { name: "Images", level: 2 }).waitFor();
});

test("a file that is chosen is uploaded, listed, downloaded the same, and deleted, by keyboard", async () => {
  await signIn();
  await choose();
  // Made-up bytes are no disk that boots, which the card says.
  const findings = page.locator(".findings").first();
  await expect.poll(() => findings.textContent()).toContain("The disk has no partition table");
  await expect.poll(stateOf).toBe("done");
  await expect.poll(() => row().textContent()).toContain("17.0 MiB");

  await page.getByRole("button", { name: /^Download Debian/ }).press("Enter");
  await page.getByRole("button", { name: "Save to disk" }).waitFor();
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save to disk" }).press("Enter");
  expect(sha256Of(await readFile(await (await saving).path()))).toBe(sha256);

  await page.getByRole("button", { name: /^More actions for Debian/ }).press("Enter");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => row().count()).toBe(0);
});

test("an upload that was paused resumes in another tab when its file is chosen again", async () => {
  await signIn();
  const held = server.faults.add({ on: "part", partId: 3, do: "stall", times: Infinity });
  await choose();
  await expect.poll(partsLabel).toMatch(/^2 of 3/);
  await page.getByRole("button", { name: "Pause" }).press("Enter");
  await expect.poll(stateOf).toBe("paused");
  await page.close();
  held.remove();
  const sentBefore = server.requests.part;

  page = await openPage();
  await signIn();
  await expect.poll(stateOf).toBe("paused");
  await chooseBy("Choose Debian 13 (trixie).img again to resume");
  await expect.poll(stateOf).toBe("done");
  expect(server.requests.part - sentBefore).toBe(1);
  expect(server.requests.create).toBe(1);
});

test("of a file that is dropped the handle is kept, and where the browser forgot that it may be read, the file is asked for", async () => {
  await signIn();
  const held = server.faults.add({ on: "part", partId: 3, do: "stall", times: Infinity });
  await drop([path]);
  await expect.poll(stateOf).toBe("running");
  await expect.poll(partsLabel).toMatch(/^2 of 3/);
  expect(await page.evaluate(keptHandles)).toEqual(["Debian 13 (trixie).img"]);
  await page.reload();
  held.remove();
  await expect.poll(stateOf).toBe("paused");
  // The permission cannot be given here, where the browser has no window; so it falls back to the dialog.
  page.on("filechooser", (chooser) => void chooser.setFiles(path));
  await page.getByRole("button", { name: "Resume" }).click();
  await expect.poll(stateOf).toBe("done");
  expect(server.requests.create).toBe(1);
});

/** Names of the files whose handles stand with the journals. */
async function keptHandles(): Promise<(string | undefined)[]> {
  const opening = indexedDB.open("img");
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const db = opening.result;
  const reading = db.transaction("journals").objectStore("journals").getAll();
  await new Promise((resolve) => (reading.onsuccess = resolve));
  db.close();
  return (reading.result as { handle: FileSystemFileHandle | null }[]).map(
    (row) => row.handle?.name,
  );
}

test("a folder that is dropped is refused by its name, and a file beside it is uploaded", async () => {
  await signIn();
  const folder = join(path, "../a folder");
  await mkdir(folder);
  await drop([folder, path]);
  await expect.poll(stateOf).toBe("done");
  expect(await page.locator(".strip").textContent()).toContain(
    "Folders cannot be uploaded: a folder",
  );
});

test("a name that is taken is told, and another one can be given", async () => {
  await signIn();
  await choose();
  await expect.poll(stateOf).toBe("done");
  await page.getByRole("button", { name: "Close" }).click();
  await choose();
  await expect.poll(stateOf).toBe("failed");
  await page.getByLabel("Another name").fill("another.img");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(stateOf).toBe("done");
  await expect.poll(() => row().count()).toBe(2);
});

describe.each(["light", "dark"] as const)("its picture, %s", (colorScheme) => {
  /** Of the middle of the ground: that says which of the two it is. */
  const brightness = () =>
    page.evaluate(() => {
      const [r = 0, g = 0, b = 0] = getComputedStyle(document.body)
        .backgroundColor.match(/\d+/g)!
        .map(Number);
      return (r + g + b) / 3;
    });

  const picture = async (name: string): Promise<void> => {
    const folder = join(import.meta.dirname, "../../.reports/page");
    await mkdir(folder, { recursive: true });
    const png = await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    expect(png.length).toBeGreaterThan(5_000);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  };

  test("shows what is under way, done and listed, in its colours, on screens wide and narrow", async () => {
    await page.emulateMedia({ colorScheme });
    await picture("sign-in");
    expect((await brightness()) > 128).toBe(colorScheme === "light");
    await signIn();
    await picture("empty");
    await choose();
    await expect.poll(stateOf).toBe("done");
    const other = join(path, "../ubuntu-24.04-server.img");
    await writeFile(other, image);
    for (const partId of [2, 3]) {
      server.faults.add({ on: "part", partId, do: "stall", times: Infinity, afterBytes: MiB });
    }
    await choose(other);
    const under = card("ubuntu-24.04-server.img").locator("canvas");
    await expect.poll(() => under.getAttribute("aria-label")).toMatch(/^1 of 3/);
    await picture("under-way");
    await page.setViewportSize({ width: 390, height: 900 });
    await picture("narrow");
    await page.getByRole("button", { name: /^More actions for Debian/ }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    const margins = await page.evaluate(() => {
      const { left, right } = document.querySelector("dialog")!.getBoundingClientRect();
      return [left, innerWidth - right];
    });
    for (const margin of margins) expect(margin).toBeGreaterThanOrEqual(12);
    await picture("dialog");
  });
});
