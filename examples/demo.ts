// The whole story on your own machine:  npm run demo
// A server on a folder, a 512 MiB image, an upload that is killed half-way, the same command again, the
// image back, and three digests that agree. Everything stands in a temporary folder and goes at the end.
import { spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes, randomFillSync } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";

const MiB = 1024 * 1024;
const sizeBytes = 512 * MiB;
const img = join(import.meta.dirname, "../../packages/cli/dist/main.js");
const folder = await mkdtemp(join(tmpdir(), "img-demo-"));
const image = join(folder, "disk.img");
const copy = join(folder, "copy.img");
const env: NodeJS.ProcessEnv = {
  ...process.env,
  SFC_BEARER_AUTH: `demo-${randomBytes(12).toString("hex")}`,
  XDG_STATE_HOME: join(folder, "state"),
};
type Event = Readonly<Record<string, unknown>>;

const server = start("serve", "--port", "0", "--dir", join(folder, "store"), "--json");
try {
  say(`making a ${mib(sizeBytes)} image`);
  await pipeline(randomMiBs(sizeBytes / MiB), createWriteStream(image));
  const sha256 = await sha256Of(image);
  say(`its SHA-256 is ${sha256}`);

  const listening = await firstEvent(server, () => true);
  env["SFC_SERVER_URL"] = String(listening["url"]);
  say(`img serve: the Images API and its object store at ${String(listening["url"])}`);

  say("img upload disk.img");
  const killed = start("upload", image, "--limit-rate", "150M", "--json");
  const half = await firstEvent(killed, ({ doneBytes }) => Number(doneBytes) >= sizeBytes / 2);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  say(`  kill -9 after ${mib(Number(half["doneBytes"]))} of ${mib(sizeBytes)} had arrived`);

  say("img upload disk.img, the same command again");
  const uploaded = await completed(start("upload", image, "--json"));
  const sentBytes = Number(uploaded["sentBytes"]);
  say(
    `  resumed: ${mib(sentBytes)} sent in ${String(uploaded["elapsedMs"])} ms, ${mib(sizeBytes - sentBytes)} had arrived before`,
  );

  say("img download disk.img copy.img");
  const downloaded = await completed(start("download", "disk.img", copy, "--json"));
  say(
    `  ${mib(Number(downloaded["receivedBytes"]))} received and verified in ${String(downloaded["elapsedMs"])} ms`,
  );

  const copied = await sha256Of(copy);
  const agree = uploaded["sha256"] === sha256 && copied === sha256;
  if (!agree || uploaded["resumed"] !== true)
    throw new Error("the demo found a difference: please report it");
  console.log(`
The upload was killed half-way and resumed: ${mib(sizeBytes - sentBytes)} of ${mib(sizeBytes)} were not sent again.
The image was downloaded and verified while it arrived.
The file, the stored image and the copy have the same SHA-256, ${sha256.slice(0, 16)}….`);
} finally {
  server.kill();
  await rm(folder, { recursive: true });
}

function say(text: string): void {
  console.log(`${(performance.now() / 1000).toFixed(1).padStart(5)} s  ${text}`);
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MiB)} MiB`;
}

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [img, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
}

/** Resolves to the first event of a command's `--json` output that matches. */
async function firstEvent(child: ChildProcess, wanted: (event: Event) => boolean): Promise<Event> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const event = JSON.parse(line) as Event;
    if (wanted(event)) return event;
  }
  throw new Error("a command ended too early: see above");
}

function completed(child: ChildProcess): Promise<Event> {
  return firstEvent(child, ({ event }) => event === "completed");
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

function* randomMiBs(count: number): Generator<Buffer> {
  for (let n = 0; n < count; n++) yield randomFillSync(Buffer.allocUnsafe(MiB));
}
