import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer, type Server } from "@img/local-server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engines, type Engine } from "../../packages/browser-blob/src/testing/engines.js";
import { bytesFrom, MiB, sha256Of } from "../../packages/browser-blob/src/testing/rig.js";
import type { TestBrowser } from "../../packages/browser-blob/src/testing/test-browser.js";
import { PageUser } from "./testing/page-user.js";

const image = bytesFrom("an image", 17 * MiB);
const sha256 = sha256Of(image);
const name = "disk.img";

describe.each(engines)("$title, the page", { timeout: 180_000 }, (engine: Engine) => {
  if (engine.missing.length > 0) {
    test.skip(`needs ${engine.missing.join(" and ")}`);
    return;
  }
  let browser: TestBrowser;
  let server: Server;
  let path: string;
  let user: PageUser;

  beforeAll(async () => {
    browser = await engine.open();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    const folder = await mkdtemp(join(browser.folder, "page-"));
    server = await startServer({
      dir: join(folder, "store"),
      port: 0,
      drainMs: 0,
      checkDigest: true,
    });
    path = join(folder, name);
    await writeFile(path, image);
    user = await PageUser.open(browser, server);
  });
  afterEach(async () => {
    const problems = await user.problems();
    await user.page.close();
    await server.close();
    expect(problems).toEqual([]);
  });

  /** Makes a paused upload with two of three parts, and reloads its tab. */
  async function interruptedUpload(): Promise<void> {
    const held = server.faults.add({ on: "part", partId: 3, do: "stall", times: Infinity });
    await user.uploads(path);
    await user.sees(name, /2 of 3 parts/);
    await user.click("Pause disk.img");
    await user.sees(name, /Paused/);
    held.remove();
    await user.reload();
    await user.sees(name, /Paused.*16\.0 MiB of 17\.0 MiB/s);
  }

  test("uploads a file, lists and deletes its image", async () => {
    await user.uploads(path);
    await user.sees(name, null);
    await user.seesRow(new RegExp(`disk\\.img.*Uploaded.*17\\.0 MiB.*${sha256.slice(0, 12)}`, "s"));
    await user.click("More actions for disk.img");
    await user.click("Delete…", ".menu");
    await user.click("Delete", "dialog");
    await user.seesRow(null);
  });

  test("resumes an interrupted upload: not by a cancelled dialog, nor with a wrong file, but with the right one", async () => {
    const again = `Choose ${name} again to resume`;
    await interruptedUpload();

    await user.click(again);
    await user.cancels();
    const second = join(path, "../second.img");
    await writeFile(second, "another upload");
    await user.uploads(second);
    await user.seesRow(/second\.img.*Uploaded/s);
    await user.sees(name, /Paused/);

    await writeFile(`${path}.short`, image.subarray(1));
    await user.click(again);
    await user.chooses(`${path}.short`);
    await user.sees(name, /Paused.*another file/s);

    await writeFile(`${path}.other`, bytesFrom("another image", image.length));
    await user.click(again);
    await user.chooses(`${path}.other`);
    await user.sees(name, /Failed.*not the one that this upload began with/s);

    await user.click(again);
    await user.chooses(path);
    await user.seesRow(/disk\.img.*Uploaded 17\.0 MiB · 1\.0 MiB sent now in/s);
    expect(server.requests.create).toBe(2);
  });

  if (engine.name === "WebKit") {
    test("says that it cannot download where the browser cannot keep a download", async () => {
      await user.uploads(path);
      await user.seesRow(/Uploaded/);
      await user.click("Download disk.img");
      await user.sees(name, /Failed.*This browser cannot write/s);
    });
    return;
  }

  test("keeps a finished download that was not saved: it is listed after a reload, and deleted", async () => {
    await user.uploads(path);
    await user.seesRow(/Uploaded/);
    await user.click("Download disk.img");
    await user.sees(name, /Done/);
    await user.reload();
    await user.sees(name, /Not saved yet.*17\.0 MiB.*Save to disk/s);
    await user.click("Delete disk.img", ".transfer");
    await user.sees(name, null);
    await user.reload();
    await user.sees(name, null);
  });

  test("shows what a paused download has", async () => {
    await user.uploads(path);
    await user.seesRow(/Uploaded/);
    server.faults.add({ on: "download", nth: 3, do: "stall", afterBytes: 100, times: Infinity });
    await user.click("Download disk.img");
    await user.sees(name, /2 of 3 parts/);
    await user.click("Pause disk.img");
    if (engine.name === "Firefox") {
      const colour = await user.page.evaluate(() => {
        const bar = document.querySelector("progress")!;
        return getComputedStyle(bar, "::-moz-progress-bar").backgroundColor;
      }, null);
      expect(colour).toBe("rgb(79, 91, 213)");
    }
    await user.sees(name, /Paused.*(16|9)\.0 MiB of 17\.0 MiB/s);
  });
});
