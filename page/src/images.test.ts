import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { startServer, type Server } from "@img/local-server";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Chromium } from "../../packages/browser-blob/src/testing/chromium.js";
import { downloadCommand } from "./download-command.js";
import { seedStore, type SeededImage } from "./testing/seeded-store.js";
import { Visit } from "./testing/visit.js";

const GiB = 1024 ** 3;
const day = 86_400;
let chromium: Chromium;

beforeAll(async () => {
  chromium = await Chromium.unpack();
  const context = await chromium.context();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
});
afterAll(() => chromium.close());

/** Makes builds whose names differ only at the end. The last one is the newest. */
const builds = (count: number): SeededImage[] =>
  Array.from({ length: count }, (_, at) => ({
    name: `ubuntu-24.04-server-cloudimg-amd64-build-${String(at + 1).padStart(4, "0")}.img`,
    sizeBytes: Math.round((2 + at / 7) * GiB),
    ageSec: (count - at) * day,
  }));

async function visitTo(images: readonly SeededImage[]): Promise<Visit & { server: Server }> {
  const dir = join(await mkdtemp(join(chromium.folder, "list-")), "store");
  if (images.length > 0) await seedStore(dir, images);
  const server = await startServer({ dir, port: 0, drainMs: 0 });
  onTestFinished(() => server.close());
  const visit = await Visit.signedIn(await chromium.context(), server);
  onTestFinished(async () => {
    await visit.page.close();
    expect(visit.problems).toEqual([]);
  });
  return Object.assign(visit, { server });
}

const names = (visit: Visit) =>
  visit.page.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.dataset["name"]));

test("an empty list says so, and offers neither search nor sorting", async () => {
  const visit = await visitTo([]);
  await visit.page.getByText("No images yet").waitFor();
  expect(await visit.page.getByRole("searchbox").count()).toBe(0);
  await visit.look("list-0");
});

test("one image is shown with its size, age and digest, and without a badge", async () => {
  const visit = await visitTo([{ name: "debian-12.img", sizeBytes: 2.5 * GiB, ageSec: 3 * day }]);
  const row = visit.row("debian-12.img");
  await expect.poll(() => row.textContent()).toMatch(/2\.5 GiB.*3 days ago/);
  expect(await row.locator(".badge").count()).toBe(0);
  expect(await row.locator("time").getAttribute("title")).toMatch(/\d{4}.*\d:\d{2}/);
  await row.getByRole("button", { name: "Copy the SHA-256 of debian-12.img" }).click();
  const { sha256 } = await copied(visit, "the SHA-256");
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  await visit.look("list-1");
});

const copied = async (visit: Visit, what: string) => {
  await visit.page.getByRole("status").getByText(`Copied ${what}`).waitFor();
  const text = await visit.page.evaluate(() => navigator.clipboard.readText());
  return { text, sha256: text };
};

test("a menu copies the command that downloads the image, revokes, reinstates and deletes it, by keyboard", async () => {
  const visit = await visitTo([
    ...builds(2),
    { name: "half.img", sizeBytes: 1, ageSec: 60, state: "uploading" },
  ]);
  const { page, server } = visit;
  const [newest = ""] = (await names(visit)).slice(1);
  expect(await visit.row("half.img").textContent()).toContain("Unfinished");
  await visit.choose(newest, "Copy “img download …”");
  const { text } = await copied(visit, "the command");
  expect(text).toBe(`img download --server ${server.url} image_seeded1 ${newest}`);

  await visit.choose(newest, "Revoke");
  await expect.poll(() => visit.row(newest).textContent()).toContain("Revoked");
  expect(await page.getByRole("button", { name: `Download ${newest}` }).count()).toBe(0);
  expect(await visit.focused()).toBe(`More actions for ${newest}`);
  await page.keyboard.press("Enter");
  await visit.look("list-menu");
  await page.getByRole("menuitem", { name: "Reinstate" }).press("Enter");
  await page.getByRole("button", { name: `Download ${newest}` }).waitFor();

  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  expect(await visit.focused()).toBe("Delete…");
  await page.keyboard.press("Escape");
  expect(await visit.focused()).toBe(`More actions for ${newest}`);
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await visit.look("list-delete");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => visit.row(newest).count()).toBe(0);
  const [, next = ""] = await names(visit);
  await expect.poll(() => visit.focused()).toBe(`More actions for ${next}`);
});

test("names of thirty builds can be distinguished on every screen, and a name is copied whole", async () => {
  const visit = await visitTo(builds(30));
  await expect.poll(() => visit.row(builds(30)[29]!.name).textContent()).toContain("GiB");
  await visit.look("list-30");
  await visit.page.setViewportSize({ width: 390, height: 844 });
  const shown = await visit.page.evaluate(() => {
    const [name] = document.querySelectorAll(".shortened");
    const { right } = name!.getBoundingClientRect();
    const end = name!.lastElementChild!.getBoundingClientRect().right;
    getSelection()!.selectAllChildren(name!);
    return { isCut: end > right };
  });
  expect(shown).toEqual({ isCut: false });
  await visit.page.keyboard.press("Control+C");
  await expect
    .poll(() => visit.page.evaluate(() => navigator.clipboard.readText()))
    .toBe(builds(30)[29]!.name);
});

test("a thousand images are searched, sorted and paged", async () => {
  const visit = await visitTo(builds(1000));
  const { page } = visit;
  const { name: newest } = builds(1000)[999]!;
  await page.getByText("1 to 50 of 1,000").waitFor();
  expect((await names(visit))[0]).toBe(newest);
  await visit.look("list-1000");
  for (let turned = 0; turned < 19; turned++) {
    await page.getByRole("button", { name: "Next" }).click();
  }
  await page.getByText("951 to 1,000 of 1,000").waitFor();
  expect((await names(visit)).at(-1)).toBe(builds(1000)[0]!.name);

  await page.getByLabel("Sort images").selectOption("Name A to Z");
  expect((await names(visit))[0]).toBe(builds(1000)[0]!.name);
  await page.getByRole("searchbox").fill("BUILD-01");
  await page.getByText("100 of 1,000").waitFor();
  await page.getByRole("searchbox").fill("nothing of that name");
  await page.getByText("No image matches the search.").waitFor();
  await page.getByRole("searchbox").fill("image_seeded999");
  expect(await names(visit)).toEqual([newest]);
});

test("text from a server is never markup, and is quoted for a shell", async () => {
  const markup = "<img src=x onerror=alert(1)>";
  const visit = await visitTo(builds(1));
  await visit.page.route("**/v2/images?*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ body: (await answer.text()).replace('"completed"', `"${markup}"`) });
  });
  await visit.page.getByRole("button", { name: "Refresh" }).click();
  await visit.page.getByText(markup).waitFor();
  expect(await visit.page.locator("tbody img").count()).toBe(0);
  expect(downloadCommand("http://[::1]:8080", { id: "image_a", name: "$(id)'; rm '" })).toBe(
    `img download --server 'http://[::1]:8080' image_a '$(id)'\\''; rm '\\'''`,
  );
});
