import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileJournals } from "@img/node-fs";
import { expect, test } from "vitest";
import { openJournal } from "../../../transfer/src/journal/journal.js";
import { MiB, neverWhole, script, type Script } from "../testing/script.js";

/** Uploads a file until its first part has arrived, then kills the process, so that it prints nothing. */
async function halfUploaded(at: Script, name: string): Promise<string> {
  const sha256 = at.file(name, 15 * MiB);
  const held = neverWhole(at.server, 3);
  const running = at.start("upload", name, "--part-size", "5M", "--json");
  await running.event(({ event, partsDone }) => event === "progress" && Number(partsDone) > 0);
  running.process.kill("SIGKILL");
  await running.done;
  held.remove();
  return sha256;
}

const stateDir = ({ dir }: Script): string => join(dir, ".state", "img");

/** Makes the journal of an upload that was not touched for this many days. */
async function oldUpload(at: Script, name: string, days: number): Promise<void> {
  const server = `${at.server.url}/`;
  const key = { kind: "upload", server, workspace: null, name } as const;
  const beganAtSec = Math.floor(Date.now() / 1000) - days * 86_400;
  const journal = await openJournal(fileJournals(stateDir(at)), key, { force: false });
  const from = join(at.dir, name);
  const about = { sizeBytes: 12 * MiB, partBytes: 5 * MiB, format: "raw" };
  await journal.begin({ type: "begin", ...key, ...about, from, identity: {}, beganAtSec });
  await journal.append({ type: "intent", sinceSec: beganAtSec, timeoutMs: 1 });
  await journal.append({ type: "started", imageId: "image_gone", adopted: false });
  await journal.append({ type: "stopped", code: "NO_PROGRESS", atSec: beganAtSec });
  await journal.close();
  for (const file of readdirSync(stateDir(at)).filter((one) => one.endsWith(".journal"))) {
    utimesSync(join(stateDir(at), file), beganAtSec, beganAtSec);
  }
}

test("the token is sent to the service of an upload only if that service is named", async () => {
  const at = await script();
  const other = await script();
  await halfUploaded(at, "a.img");
  const here = { XDG_STATE_HOME: at.env["XDG_STATE_HOME"]! };
  Object.assign(other.env, here);
  const before = at.server.requests.get;
  for (const args of [
    ["resume", "a.img"],
    ["forget", "a.img", "--delete-image"],
  ]) {
    const refused = await other.img("transfers", ...args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`--server ${at.server.url}/`);
  }
  expect((await other.img("transfers", "resume")).stdout).toContain(
    "No unfinished uploads for this server",
  );
  expect(at.server.requests.get).toBe(before);
  const said = await other.img("transfers", "resume", "a.img", "--server", at.server.url, "--json");
  expect(said.events.at(-1)).toMatchObject({ event: "completed", resumed: true });
});

test("an upload without progress for over a week is called stale, with advice", async () => {
  const at = await script();
  await oldUpload(at, "old.img", 8);
  const { lines, stdout } = await at.img("transfers");
  expect(lines[1]).toMatch(
    /^old\.img +0\.00 of 12\.0 MiB \(0%\) +8 days ago +stopped: no progress for too long, stale +\//,
  );
  expect(stdout).toContain("img transfers resume NAME --if-image-gone restart");
  expect((await at.img("transfers", "--json")).events).toMatchObject([
    { name: "old.img", stale: true, stopped: "NO_PROGRESS" },
  ]);
  const sha256 = at.file("old.img", 12 * MiB);
  expect((await at.img("transfers", "resume", "old.img")).code).toBe(4);
  const restarted = await at.img("transfers", "resume", "--if-image-gone", "restart", "--json");
  expect(restarted.events.at(-1)).toMatchObject({ event: "completed", sha256 });
});

test("an upload of six days is not stale", async () => {
  const at = await script();
  await oldUpload(at, "young.img", 6);
  const { stdout } = await at.img("transfers");
  expect(stdout).not.toContain("stale");
  expect(stdout).not.toContain("--if-image-gone");
});

test("a damaged journal is listed, cannot be resumed, and can be forgotten", async () => {
  const at = await script();
  await halfUploaded(at, "a.img");
  const [journal] = readdirSync(stateDir(at)).filter((one) => one.endsWith(".journal"));
  writeFileSync(join(stateDir(at), journal!), "garbage\n", { flag: "r+" });
  expect((await at.img("transfers")).stdout).toMatch(/damaged/);
  const [told] = (await at.img("transfers", "--json")).events;
  expect(told).toMatchObject({ at: "damaged" });
  const name = String(told!["name"]);
  const server = ["--server", String(told!["server"])];
  const refused = await at.img("transfers", "resume", name, ...server);
  expect(refused.code).not.toBe(0);
  expect((await at.img("transfers", "forget", name)).code).toBe(0);
  expect((await at.img("transfers")).stdout).toBe("No unfinished uploads.\n");
});

test("an upload that was completed is not listed, and can be forgotten", async () => {
  const at = await script();
  at.file("a.img", MiB);
  const { events } = await at.img("upload", "a.img", "--json");
  const id = String(events.at(-1)!["id"]);
  expect((await at.img("transfers")).stdout).toBe("No unfinished uploads.\n");
  expect((await at.img("transfers", "resume", "a.img")).code).toBe(4);
  const again = await at.img("upload", "a.img");
  expect(again.stdout).toMatch(
    /^a\.img is already uploaded: 1\.00 MiB \(same SHA-256, checked in \S+ m?s\)\n/,
  );
  expect(again.stdout).toContain(id);
  const forgotten = await at.img("transfers", "forget", "a.img", "--delete-image");
  expect(forgotten.stdout).toBe(
    `Forgot the upload of a.img.\nIts image stays; to delete it too: img delete ${id}\n`,
  );
  expect((await at.img("upload", "a.img")).code).toBe(5);
});
