import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MiB, script, type Ran, type Script } from "./testing/script.js";

const page = join(import.meta.dirname, "../../../docs/session.md");
const block = /(?<=```console\n)[^]*?(?=```)/;

test("the session in docs/session.md is what the commands say", async () => {
  const world = await script();
  const recorded = await record(world);
  const text = readFileSync(page, "utf8");
  if (process.env["IMG_RECORD"] !== undefined)
    writeFileSync(
      page,
      text.replace(block, () => recorded),
    );
  else expect(withoutChance(recorded)).toBe(withoutChance(block.exec(text)![0]));
});

async function record(world: Script): Promise<string> {
  world.file("debian.img", 25 * MiB);
  const said = [await interrupted(world)];
  for (const command of [
    "img transfers",
    "img upload debian.img",
    "img list",
    "img download debian.img copy.img",
    "img verify copy.img debian.img",
    "img delete debian.img --yes",
  ]) {
    said.push(shown(command, await world.img(...command.split(" ").slice(1)), world));
  }
  return said.join("\n");
}

/** Interrupts an upload with Ctrl-C when three of its five parts have arrived. */
async function interrupted(world: Script): Promise<string> {
  const slow = world.server.faults.add({ on: "part", nth: 4, do: "stall", times: Infinity });
  const upload = world.start("upload", "debian.img");
  const arrived = async (): Promise<unknown> =>
    (await world.img("transfers", "--json")).events[0]?.["doneBytes"];
  await expect.poll(arrived, { timeout: 60_000 }).toBe(15 * MiB);
  upload.process.kill("SIGINT");
  const ran = await upload.done;
  slow.remove();
  return shown("img upload debian.img", ran, world, "^C\n");
}

const shown = (command: string, { stdout, stderr }: Ran, { dir }: Script, typed = ""): string =>
  `$ ${command}\n${typed}${(stdout + stderr).replaceAll(dir, "/home/me")}`;

/** Replaces what differs from run to run: times, rates, ids, digests, and the width of their columns. */
const withoutChance = (text: string): string =>
  text
    .replace(/\d+(\.\d+)? (ms|s|[KMG]iB\/s)\b/g, "N")
    .replace(/image_[\w-]+/g, "ID")
    .replace(/\b[0-9a-f]{64}\b/g, "SHA")
    .replace(/\d{4}-\d\d-\d\d.\d\d:\d\d(:\d\d)?/g, "DATE")
    .replace(/ +/g, " ");
