import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  atOnceMs,
  main,
  MiB,
  neverWhole,
  neverWholeDownload,
  script,
  type Running,
} from "../testing/script.js";

/** Waits until one part has arrived and others are in flight. */
const underWay = (running: Running): Promise<unknown> =>
  running.event(({ event, partsDone }) => event === "progress" && Number(partsDone) > 0);

const upload = ["upload", "a.img", "--part-size", "5M", "--json", "-v"];

test("after kill -9 the same command resumes it and sends what is missing only", async () => {
  const { start, img, file, dir, server } = await script();
  const sha256 = file("a.img", 20 * MiB);
  const held = neverWhole(server, 4);
  const killed = start(...upload);
  await underWay(killed);
  killed.process.kill("SIGKILL");
  await killed.done;
  held.remove();
  const { code, events } = await img("upload", "a.img", "--json");
  expect(code).toBe(0);
  expect(events.at(-1)).toMatchObject({ event: "completed", sha256, resumed: true });
  expect(events.at(-1)!["sentBytes"]).toBeLessThan(20 * MiB);
  expect((await img("download", "a.img", `${dir}/b.img`)).stdout).toContain(`${sha256} (verified)`);
});

for (const [signal, code, message] of [
  ["SIGINT", 130, "Stopped with Ctrl-C."],
  ["SIGTERM", 75, "Stopped by SIGTERM."],
] as const) {
  test(`${signal} ends an upload at once with ${code}, how far it is and what resumes it`, async () => {
    const { start, img, file, server } = await script();
    file("a.img", 20 * MiB);
    const held = neverWhole(server, 4);
    const stopped = start(...upload);
    await underWay(stopped);
    const sentMs = performance.now();
    stopped.process.kill(signal);
    const ran = await stopped.done;
    expect(performance.now() - sentMs).toBeLessThan(atOnceMs);
    expect(ran.code).toBe(code);
    expect(ran.error).toEqual({
      event: "error",
      code: "INTERRUPTED",
      message,
      exitCode: code,
      hint: expect.stringMatching(
        /^[\d.]+ of 20\.0 MiB \(\d+%\) have arrived and are kept\.$/,
      ) as unknown,
      resume: `img ${upload.join(" ")}`,
    });
    held.remove();
    const { events } = await img("upload", "a.img", "--json");
    expect(events.at(-1)).toMatchObject({ event: "completed", resumed: true });
  });
}

// fault D40
test.runIf(process.platform !== "win32")(
  "with nohup an upload and a server outlive the end of the terminal",
  async () => {
    const at = await script({}, ["nohup", process.execPath, main]);
    const sha256 = at.file("a.img", 20 * MiB);
    const held = neverWhole(at.server, 4);
    const running = at.start(...upload);
    await underWay(running);
    running.process.kill("SIGHUP");
    const serving = at.start("serve", "--port", "0", "--json");
    const { url } = await serving.event(({ event }) => event === "listening");
    serving.process.kill("SIGHUP");
    held.remove();
    expect((await running.done).events.at(-1)).toMatchObject({ event: "completed", sha256 });
    expect((await fetch(`${String(url)}/healthz`)).ok).toBe(true);
    serving.process.kill("SIGTERM");
    expect((await serving.done).code).toBe(0);
  },
);

test("Ctrl-C ends an upload of several files, and the command that resumes leaves out those that are done", async () => {
  const { start, file, server } = await script();
  file("first.img", MiB);
  file("a.img", 11 * MiB);
  file("last.img", 11 * MiB);
  neverWhole(server, 3);
  const options = ["--part-size", "5M", "--json"];
  const running = start("upload", "first.img", "a.img", "last.img", ...options);
  await running.event(({ event, file: of }) => event === "completed" && of === "first.img");
  running.process.kill("SIGINT");
  const ran = await running.done;
  expect(ran.code).toBe(130);
  expect(ran.error["resume"]).toBe("img upload a.img last.img --part-size 5M --json");
});

test("Ctrl-C ends a command that waits for an unreachable server", async () => {
  const { start, file, server } = await script();
  file("a.img", MiB);
  server.faults.add({ on: "list", do: "stall", times: Infinity });
  const running = start("upload", "a.img");
  while (server.requests.list === 0) await new Promise((resolve) => setImmediate(resolve));
  const sentMs = performance.now();
  running.process.kill("SIGINT");
  const ran = await running.done;
  expect(performance.now() - sentMs).toBeLessThan(atOnceMs);
  expect(ran.code).toBe(130);
  expect(ran.stderr).toBe("img: Stopped with Ctrl-C.\n"); // nothing began that can be resumed
});

test("the same command resumes a download that was killed", async () => {
  const { start, img, file, dir, server } = await script();
  const sha256 = file("a.img", 20 * MiB);
  await img("upload", "a.img");
  const held = neverWholeDownload(server, 15 * MiB);
  const args = ["download", "a.img", "b.img", "--part-size", "5M"];
  const killed = start(...args, "--json", "-v");
  // The receipts of a download follow their data to the disk a second later.
  const journal = join(dir, "b.img.img-part.journal");
  await killed.event(
    () => existsSync(journal) && readFileSync(journal, "utf8").includes('"receipt"'),
  );
  killed.process.kill("SIGKILL");
  await killed.done;
  held.remove();
  const { code, events } = await img(...args, "--json");
  expect(code).toBe(0);
  expect(events.at(-1)).toMatchObject({ event: "completed", sha256, resumed: true });
  expect(events.at(-1)!["receivedBytes"]).toBeLessThan(20 * MiB);
});

test("a second upload of a name ends with 8, names the process with the lock, and does not suggest --force", async () => {
  const { start, img, file, server } = await script();
  file("a.img", 20 * MiB);
  neverWhole(server, 4);
  const first = start(...upload);
  await underWay(first);
  const second = await img("upload", "a.img");
  expect(second.code).toBe(8);
  expect(second.stderr).toContain(`img: Process ${String(first.process.pid)} on `);
  expect(second.stderr).toContain("     Wait for it, or stop it.\n");
  expect(second.stderr).not.toContain("--force");
});

test("img transfers lists what can be resumed and who works on it, and forget lets it start over", async () => {
  const { start, img, file, server } = await script();
  file("a.img", 20 * MiB);
  neverWhole(server, 4);
  expect((await img("transfers")).stdout).toBe("No unfinished uploads.\n");
  const running = start(...upload);
  await underWay(running);
  const listed = await img("transfers");
  expect(listed.lines[0]).toMatch(/^NAME +ARRIVED +LAST ACTIVE +STATE +FROM$/);
  expect(listed.lines[1]).toMatch(
    new RegExp(
      `^a\\.img +[\\d.]+ of 20\\.0 MiB \\(\\d+%\\) +just now +running, process ${String(running.process.pid)} +/`,
    ),
  );
  expect((await img("transfers", "forget", "a.img")).code).toBe(8);
  running.process.kill("SIGINT");
  await running.done;
  const { events } = await img("transfers", "--json");
  expect(events).toEqual([
    expect.objectContaining({ name: "a.img", at: "started", stopped: "ABORTED", holder: null }),
  ]);
  expect((await img("transfers", "forget", "a.img")).stdout).toMatch(
    /^Forgot the upload of a\.img\.\nIts image stays; to delete it too: img delete image_\S+\n$/,
  );
  expect((await img("transfers", "forget", "a.img")).code).toBe(4);
});
