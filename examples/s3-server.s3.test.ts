import { spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { downloadImage, uploadImage } from "@img/node-fs";
import { Sfc } from "@img/core";
import { expect, onTestFinished, test } from "vitest";

const bucket = process.env["IMG_TEST_S3_BUCKET"] ?? "img-test";
const prefix = `example-${randomBytes(6).toString("hex")}`;

/** Starts the example as a process. @returns The process and the URL that it prints. */
async function startExample(token: string): Promise<{ process: ChildProcess; url: string }> {
  const program = join(import.meta.dirname, "dist/s3-server.js");
  const child = spawn(process.execPath, [program, bucket, prefix], {
    env: {
      ...process.env,
      PORT: "0",
      SFC_BEARER_AUTH: token,
      AWS_ENDPOINT_URL_S3: process.env["IMG_TEST_S3_ENDPOINT"],
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url = ""] = /SFC_SERVER_URL=(\S+) /.exec(line) ?? [];
    return { process: child, url };
  }
  throw new Error("the example ended before it listened");
}

test("s3-server.ts keeps images in the bucket: what one server took, the next one gives back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "img-s3-example-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const bytes = randomBytes(6_000_000);
  const path = join(folder, "disk.img");
  await writeFile(path, bytes);
  const token = "example-token-0123456789";

  const first = await startExample(token);
  const before = new Sfc({ serverURL: first.url, bearerAuth: token });
  const { image } = await uploadImage(path, { client: before, stateDir: folder });
  first.process.kill("SIGTERM");
  expect(await once(first.process, "exit")).toEqual([0, null]);

  const second = await startExample(token);
  const after = new Sfc({ serverURL: second.url, bearerAuth: token });
  const { sha256 } = await downloadImage(image.id, join(folder, "copy.img"), { client: after });
  expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
});
