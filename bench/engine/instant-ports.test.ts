import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileJournals } from "@img/node-fs";
import { MiB, upload } from "@img/transfer";
import { expect, test } from "vitest";
import { instantClient, instantPlatform, instantSource, server } from "./instant-ports.js";

test("an upload of several parts over ports that answer at once is completed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "img-bench-test-"));
  try {
    const [client, platform] = [instantClient(), instantPlatform(fileJournals(folder))];
    const task = { client, server, name: "bench", source: instantSource(15 * MiB), platform };
    const { image, sentBytes } = await upload(task, { partBytes: 5 * MiB });
    expect({ ...image, sentBytes }).toMatchObject({
      uploadStatus: "completed",
      sentBytes: 15 * MiB,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
