import { join } from "node:path";
import { expect, test } from "vitest";
import { optionsPage } from "./options-page.js";
import { root } from "./workspace.js";

test("docs/options.md is what the comments of the options say (`npx vitest run guards/options-page.test.ts -u` writes it)", async () => {
  await expect(await optionsPage()).toMatchFileSnapshot(join(root, "docs/options.md"));
});
