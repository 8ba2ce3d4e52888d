import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { startServer, type Server } from "@img/local-server";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Chromium } from "../../packages/browser-blob/src/testing/chromium.js";
import { bytesFrom, MiB, sha256Of } from "../../packages/browser-blob/src/testing/rig.js";
import { readVector } from "../../packages/disk-formats/src/testing/read-vector.js";
import { Visit } from "./testing/visit.js";

const image = bytesFrom("an image", 17 * MiB);
const name = "Debian-13-trixie.img";
let chromium: Chromium;
let context: BrowserContext;
let server: Server;
let folder: string;
let path: string;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  chromium = await Chromium.unpack();
  context = await chromium.context();
  // As in browsers in which a page cannot write to the disk: a test cannot use a picker.
  await context.addInitScript(() => {
    Object.assign(window, { showSaveFilePicker: undefined, showOpenFilePicker: undefined });
  });
});
afterAll(() => chromium.close());

beforeEach(async () => {
  folder = await mkdtemp(join(chromium.folder, "page-"));
  server = await startServer({
    dir: join(folder, "store"),
    port: 0,
    drainMs: 0,
    checkDigest: true,
  });
  path = await fileOf("Debian 13 (trixie).img", image);
  await open();
});
afterEach(async () => {
  await page.close();
  await server.close();
  expect(visit.problems).toEqual([]);
});

async function open(): Promise<void> {
  visit = await Visit.begin(context, server);
  page = visit.page;
}

async function fileOf(file: string, bytes: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, file), bytes);
  return join(folder, file);
}

async function drop(files: string[]): Promise<void> {
  const cdp = await context.newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    // At the edge of the page, far from the drop area.
    await cdp.send("Input.dispatchDragEvent", { type, x: 5, y: 700, data });
  }
}

const press = (button: string) => page.getByRole("button", { name: button }).press("Enter");
const chooseBy = async (button: string, ...files: string[]): Promise<void> => {
  const choosing = page.waitForEvent("filechooser");
  await press(button);
  await (await choosing).setFiles(files);
};
const choose = (...files: string[]) => chooseBy("Choose files", ...files);
const stateOf = (of = name) => visit.card(of).getAttribute("data-state");
const rowSays = (of: string, text: string | RegExp) =>
  expect.poll(() => visit.row(of).textContent()).toMatch(text);
const partsLabel = () => visit.card(name).locator("canvas").getAttribute("aria-label");

async function uploaded(...files: string[]): Promise<void> {
  await choose(...files);
  const button = page.getByRole("button", { name: files.length > 1 ? /^Upload all/ : /^Upload / });
  await button.press("Enter");
}

/** Makes an upload whose third of three parts never arrives. */
async function halfUploaded(): Promise<{ remove(): void }> {
  const held = server.faults.add({ on: "part", partId: 3, do: "stall", times: Infinity });
  await uploaded(path);
  await expect.poll(partsLabel).toMatch(/^2 of 3/);
  return held;
}

test("a wrong token is refused with a reason, and the right one opens the page", async () => {
  await visit.look("sign-in");
  await page.getByLabel("Token").fill("wrong");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.getByRole("alert").textContent()).toContain("does not accept");
  await visit.signIn();
  await page.reload();
  await page.getByRole("heading", { name: "Images", level: 2 }).waitFor();
});

test("by keyboard alone a file is uploaded, shown in its row, downloaded unchanged, and deleted", async () => {
  await visit.signIn();
  await choose(path);
  await page.getByRole("button", { name: `Upload ${name}` }).waitFor();
  expect(await visit.focused()).toBe("Name of the image");
  await page.keyboard.press("Enter");
  await rowSays(name, /Uploaded 17\.0 MiB/);
  // Made-up bytes are not a disk that boots, which the row still shows.
  await rowSays(name, "The disk has no partition table");
  expect(await visit.card(name).count()).toBe(0);
  await visit.look("uploaded");

  await press(`Download ${name}`);
  await page.getByRole("button", { name: "Save to disk" }).waitFor();
  await visit.look("downloaded");
  const saving = page.waitForEvent("download");
  // It is in the browser's storage, even after the tab was closed.
  await page.reload();
  await press(`Save to disk ${name}`);
  expect(sha256Of(await readFile(await (await saving).path()))).toBe(sha256Of(image));
  await press(`Delete ${name}`);

  await visit.choose(name, "Delete");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => visit.row(name).count()).toBe(0);
});

test("a card shows a file's format before the upload, and its name can be changed", async () => {
  await visit.signIn();
  const { image: qcow2 } = readVector("qcow2", "version-3.hex");
  await choose(await fileOf("Größe.qcow2", qcow2));
  const card = visit.card("Groesse.qcow2");
  await expect
    .poll(() => card.textContent())
    .toMatch(/qcow2, .* in a disk of .* from Größe\.qcow2/);
  await visit.look("ready");
  await page.getByLabel("Name of the image").fill("two words");
  await page.getByText("A name has letters, digits").waitFor();
  expect(await page.getByRole("button", { name: "Upload two words" }).isDisabled()).toBe(true);
  await page.getByLabel("Name of the image").fill("mine.img");
  await page.keyboard.press("Enter");
  await rowSays("mine.img", /Uploaded/);
});

test("the page asks for a name if the file's has no Latin letters", async () => {
  await visit.signIn();
  await choose(await fileOf("диск.img", image));
  await page.getByText("Give the image a name").waitFor();
  expect(await page.getByLabel("Name of the image").inputValue()).toBe("");
});

test("several files are uploaded one after the other; an empty one fails at once and is not retried", async () => {
  await visit.signIn();
  const held = server.faults.add({ on: "part", nth: 1, do: "stall", times: 1 });
  await choose(path, await fileOf("second.img", "two"), await fileOf("empty.img", ""));
  await visit.card("empty.img").getByText("empty.img is empty.").waitFor();
  expect(await page.getByRole("button", { name: /Try again/ }).count()).toBe(0);
  await press("Upload all 2");
  await expect.poll(() => stateOf()).toBe("running");
  await expect.poll(() => stateOf("second.img")).toBe("queued");
  const states = await page
    .locator(".transfer")
    .evaluateAll((cards) => cards.map((card) => card.dataset["state"]));
  expect(states).toEqual(["running", "queued", "failed"]);
  await visit.look("queue");
  await press(`Pause ${name}`);
  held.remove();
  await rowSays("second.img", /Uploaded/);
  await press(`Resume ${name}`);
  await rowSays(name, /Uploaded/);
});

test("an upload that was paused resumes in another tab when its file is chosen again", async () => {
  await visit.signIn();
  const held = await halfUploaded();
  await press(`Pause ${name}`);
  await expect.poll(() => stateOf()).toBe("paused");
  await page.close();
  held.remove();
  const sentBefore = server.requests.part;

  await open();
  await visit.signIn();
  await expect.poll(() => stateOf()).toBe("paused");
  await visit.look("unfinished");
  await chooseBy("Choose Debian 13 (trixie).img again to resume", path);
  await rowSays(name, /Uploaded 17\.0 MiB · 1\.0 MiB sent now/);
  expect(server.requests.part - sentBefore).toBe(1);
  expect(server.requests.create).toBe(1);
});

test("the page asks before it discards a half-sent upload", async () => {
  await visit.signIn();
  (await halfUploaded()).remove();
  await press(`Pause ${name}`);
  await press(`Remove ${name}`);
  await page.getByRole("heading", { name: "Discard 16.0 MiB already uploaded?" }).waitFor();
  await visit.look("discard");
  await press("Keep");
  await expect.poll(() => stateOf()).toBe("paused");
  await press(`Remove ${name}`);
  await press("Discard");
  await expect.poll(() => visit.row(name).count()).toBe(0);
  expect(await visit.focused()).toBe("Choose files");
});

test("only a tab with a running upload asks before it is closed", async () => {
  await visit.signIn();
  await halfUploaded();
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await page.reload();
  await expect.poll(() => stateOf()).toBe("paused");
  await page.reload();
  expect(asked).toEqual(["beforeunload"]);
});

test("an upload without an arrived byte leaves no card after a reload", async () => {
  await visit.signIn();
  server.faults.add({ on: "part", do: "stall", times: Infinity });
  await uploaded(path);
  await expect.poll(() => server.requests.part).toBeGreaterThan(0);
  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await rowSays(name, "Unfinished");
  expect(await page.locator(".transfer").count()).toBe(0);
});

test("the handle of a dropped file is kept; if the browser forgot the permission, the page asks for the file", async () => {
  await visit.signIn();
  const held = server.faults.add({ on: "part", partId: 3, do: "stall", times: Infinity });
  await drop([path]);
  await press(`Upload ${name}`);
  await expect.poll(partsLabel).toMatch(/^2 of 3/);
  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
  held.remove();
  await expect.poll(() => stateOf()).toBe("paused");
  // The permission cannot be given, because the browser has no window; so the page falls back to the dialog.
  page.on("filechooser", (chooser) => void chooser.setFiles(path));
  await page.getByRole("button", { name: `Resume ${name}` }).click();
  await rowSays(name, /Uploaded/);
  expect(server.requests.create).toBe(1);
});

test("a dropped folder is refused by name, and a file beside it is accepted", async () => {
  await visit.signIn();
  await mkdir(join(folder, "a folder"));
  await drop([join(folder, "a folder"), path]);
  await expect.poll(() => stateOf()).toBe("ready");
  await expect
    .poll(() => page.locator(".strip").textContent())
    .toContain("Folders cannot be uploaded: a folder");
});

test("the page says that a name is taken, and suggests a free one", async () => {
  await visit.signIn();
  await uploaded(path);
  await rowSays(name, /Uploaded/);
  await uploaded(path);
  await rowSays(name, "Uploaded already");
  await fileOf("Debian 13 (trixie).img", "another image");
  await uploaded(path);
  await page.getByText(`The name ${name} is taken by another image.`).waitFor();
  expect(await page.getByLabel("Name of the image").inputValue()).toBe("Debian-13-trixie-2.img");
  await visit.look("name-taken");
  await press("Upload Debian-13-trixie-2.img");
  await rowSays("Debian-13-trixie-2.img", /Uploaded/);
});

test("an unfinished upload with the same name can be replaced", async () => {
  await visit.signIn();
  const headers = { Authorization: `Bearer ${server.token}`, "Content-Type": "application/json" };
  const body = JSON.stringify({ name });
  await fetch(`${server.url}/v2/images`, { method: "POST", headers, body });
  await uploaded(path);
  await page.getByText(`The name ${name} is taken by an unfinished upload.`).waitFor();
  await page.getByRole("button", { name: "Replace the unfinished upload" }).click();
  await rowSays(name, /Uploaded/);
});

test("the map of parts follows the colour scheme, also while the upload is paused", async () => {
  await visit.signIn();
  await page.emulateMedia({ colorScheme: "light" });
  await halfUploaded();
  await press(`Pause ${name}`);
  await expect.poll(() => stateOf()).toBe("paused");
  const picture = () =>
    visit
      .card(name)
      .locator("canvas")
      .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const light = await picture();
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(picture).not.toBe(light);
  await visit.look("paused");
});

test("in an outage the page says how much is safe, and shows neither rate nor time left", async () => {
  await visit.signIn();
  const held = await halfUploaded();
  // The server cannot be reached any more: what is running breaks off, and every try fails.
  await context.setOffline(true);
  const gone = server.faults.add({ on: "partUrl", do: "reset", times: Infinity });
  held.remove();
  const facts = visit.card(name).locator(".facts");
  await expect
    .poll(() => facts.textContent())
    .toMatch(
      /^Server not reachable\. Retrying (in \d+ s|now) \(try \d+, giving up in \d+ min.*\)\. 16\.0 MiB are safe\./,
    );
  await visit.look("outage");
  expect(await facts.textContent()).not.toMatch(/\/s|left|limited/);
  gone.remove();
  await context.setOffline(false);
  await rowSays(name, /Uploaded/);
});

test("a link with a one-time code signs in and leaves no code in the address; a used code is refused", async () => {
  const link = `${server.url}/#code=${String(server.signInCode())}`;
  await page.goto("about:blank");
  await page.goto(link);
  await page.getByRole("heading", { name: "Images", level: 2 }).waitFor();
  expect(page.url()).toBe(`${server.url}/`);
  expect(await visit.focused()).toBe("Images");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
  await page.goto(link);
  await page.getByText("This sign-in link was used already").waitFor();
});

test("a link with a code asks before it replaces a tab's session", async () => {
  await visit.signIn();
  const mark = () => page.evaluate(() => sessionStorage.setItem("img token", "a token of before"));
  const kept = () => page.evaluate(() => sessionStorage.getItem("img token"));
  await mark();
  const link = `${server.url}/#code=${String(server.signInCode())}`;
  await page.goto(link);
  await press("Stay signed in");
  expect(await kept()).toBe("a token of before");
  await page.goto(link);
  await press("Sign in again");
  await expect.poll(kept).toBe(server.token);
});

test("the tab's title and icon show the progress of an upload, and a notification its end if allowed", async () => {
  await visit.signIn();
  await page.evaluate(() => {
    const shown: unknown[] = [];
    const Notification = Object.assign(
      function (title: string, { body }: { body: string }) {
        shown.push([title, body]);
      },
      {
        permission: "default",
        requestPermission: () => Promise.resolve((Notification.permission = "granted")),
      },
    );
    Object.assign(window, { Notification, shown });
    Object.defineProperty(document, "hidden", { value: true });
  });
  const slow = server.faults.add({
    on: "part",
    do: "trickle",
    bytesPerSec: 100_000,
    times: Infinity,
  });
  await uploaded(path);
  await press(`Notify me at the end ${name}`);
  await expect.poll(() => page.title()).toMatch(/^\d+% Debian-13-trixie\.img$/);
  const icon = () => page.locator('link[rel="icon"]').getAttribute("href");
  expect(await icon()).toMatch(/^data:image\/png/);
  slow.remove();
  await press(`Pause ${name}`);
  await press(`Resume ${name}`);
  await rowSays(name, /Uploaded/);
  expect(await page.title()).toBe("Images");
  expect(await icon()).toMatch(/icon\.svg$/);
  expect(await page.evaluate(() => (window as unknown as { shown: unknown }).shown)).toEqual([
    ["Images", `${name}: Done`],
  ]);
});
