import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readReleaseConfig } from "./config.js";

function file(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "img-config-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "release.config.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test("the repository's own configuration forbids publishing under a scope that is not ours", async () => {
  expect(await readReleaseConfig("release.config.json")).toEqual({
    scope: "@img",
    registry: false,
  });
});

test("a scope that is given replaces the configured one", async () => {
  const path = file({ scope: "@img", registry: false });
  expect(await readReleaseConfig(path, "@example")).toEqual({ scope: "@example", registry: false });
});

test("publishing under @img is refused, since that scope belongs to another project", async () => {
  const path = file({ scope: "@img", registry: true });
  await expect(readReleaseConfig(path)).rejects.toThrow(/belongs to another project/);
});

test.each([{}, { scope: "img", registry: false }, { scope: "@A b", registry: false }])(
  "the scope of %j is refused",
  async (content) => {
    await expect(readReleaseConfig(file(content))).rejects.toThrow(/must be like "@example"/);
  },
);

test("a configuration that does not say whether to publish is refused", async () => {
  await expect(readReleaseConfig(file({ scope: "@example" }))).rejects.toThrow(/true or false/);
});
