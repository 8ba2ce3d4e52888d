import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { main, token } from "../testing/script.js";
import { spawn } from "node:child_process";

/** Starts a service whose list never ends: it has a page of images for each cursor. */
async function endlessList(nextCursor: (page: number) => string): Promise<string> {
  let page = 0;
  const server = createServer((_, answer) => {
    page++;
    const data = Array.from({ length: 200 }, (_, n) => ({
      object: "image",
      id: `image_${page}_${n}`,
      name: `disk-${page}-${n}`,
      upload_status: "completed",
      created_at: 1_700_000_000,
    }));
    const body = { object: "list", has_more: true, cursor: nextCursor(page), data };
    answer.setHeader("content-type", "application/json");
    answer.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const list = (url: string): ReturnType<typeof spawn> =>
  spawn(process.execPath, [main, "list"], {
    env: { ...process.env, SFC_SERVER_URL: url, SFC_BEARER_AUTH: token },
    stdio: ["ignore", "pipe", "pipe"],
  });

// fault A05
test("a list whose cursors alternate ends with an error, after the rows that arrived", async () => {
  const url = await endlessList((page) => (page % 2 === 0 ? "imagec_a" : "imagec_b"));
  const command = list(url);
  let [stdout, stderr] = ["", ""];
  command.stdout!.on("data", (piece) => (stdout += String(piece)));
  command.stderr!.on("data", (piece) => (stderr += String(piece)));

  const code = await new Promise((resolve) => command.once("close", resolve));

  expect(code).toBe(1);
  expect(stderr).toContain("its list of images does not end");
  expect(stdout).toContain("disk-1-199");
});

// fault A05
test("rows are written as their pages come, before a long list has ended", async () => {
  const url = await endlessList((page) => `imagec_${page}`);
  const command = list(url);
  let stdout = "";

  await new Promise<void>((resolve) => {
    command.stdout!.on("data", (piece) => {
      stdout += String(piece);
      if (stdout.includes("disk-3-199")) resolve();
    });
  });

  command.kill();
  expect(stdout).toMatch(/^NAME +STATUS +CREATED +ID +SHA256\n/);
});
