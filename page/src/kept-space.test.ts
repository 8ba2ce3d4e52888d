import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer } from "@img/local-server";
import { expect, onTestFinished, test } from "vitest";
import { engineOf } from "../../packages/browser-blob/src/testing/engines.js";
import { Firefox } from "../../packages/browser-blob/src/testing/firefox.js";
import { PageUser } from "./testing/page-user.js";

const { missing } = engineOf("Firefox");

test.skipIf(missing.length > 0)(
  "a download asks Firefox to keep what the site stores, and is given more room",
  async () => {
    const browser = await Firefox.open({
      "dom.storageManager.prompt.testing": true,
      "dom.storageManager.prompt.testing.allow": true,
    });
    onTestFinished(() => browser.close());
    const folder = await mkdtemp(join(browser.folder, "page-"));
    const server = await startServer({ dir: join(folder, "store"), port: 0, drainMs: 0 });
    onTestFinished(() => server.close());
    const path = join(folder, "disk.img");
    await writeFile(path, "an image");
    const user = await PageUser.open(browser, server);
    const kept = () =>
      user.page.evaluate(async () => {
        const { quota = 0 } = await navigator.storage.estimate();
        return { isKept: await navigator.storage.persisted(), quota };
      }, null);
    await user.uploads(path);
    await user.seesRow(/Uploaded/);
    const before = await kept();
    expect(before.isKept).toBe(false);
    await user.click("Download disk.img");
    await expect.poll(async () => (await kept()).isKept).toBe(true);
    expect((await kept()).quota).toBeGreaterThan(before.quota);
  },
  180_000,
);
