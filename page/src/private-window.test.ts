import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer } from "@img/local-server";
import { describe, expect, onTestFinished, test } from "vitest";
import { engineOf } from "../../packages/browser-blob/src/testing/engines.js";
import { Firefox } from "../../packages/browser-blob/src/testing/firefox.js";
import type { TestBrowser } from "../../packages/browser-blob/src/testing/test-browser.js";
import { WebKit } from "../../packages/browser-blob/src/testing/webkit.js";
import { PageUser } from "./testing/page-user.js";

const windows: readonly [string, readonly string[], () => Promise<TestBrowser>][] = [
  [
    "a private window of Firefox",
    engineOf("Firefox").missing,
    () => Firefox.open({ "browser.privatebrowsing.autostart": true }),
  ],
  ["WebKitGTK as it is", engineOf("WebKit").missing, () => WebKit.open("none")],
];

describe.each(windows)(
  "in %s, which has no private file system,",
  { timeout: 180_000 },
  (_, missing, open) => {
    if (missing.length > 0) {
      test.skip(`needs ${missing.join(" and ")}`);
      return;
    }

    test("a file is uploaded, and the page says why it cannot download", async () => {
      const browser = await open();
      onTestFinished(() => browser.close());
      const folder = await mkdtemp(join(browser.folder, "page-"));
      const server = await startServer({ dir: join(folder, "store"), port: 0, drainMs: 0 });
      onTestFinished(() => server.close());
      const path = join(folder, "disk.img");
      await writeFile(path, "an image");
      const user = await PageUser.open(browser, server);
      await user.uploads(path);
      await user.seesRow(/8 B/);
      await user.click("Download disk.img");
      await user.seesProblem(/This window cannot download images/);
      expect(await user.problems()).toEqual([]);
    });
  },
);
