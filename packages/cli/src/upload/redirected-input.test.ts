import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { main, MiB, neverWhole, script, type Script } from "../testing/script.js";

/** Runs a text in bash, with `$0` for the command. */
async function inShell(text: string): Promise<Script> {
  return script({}, ["bash", "-c", text, process.execPath, main]);
}

// fault D39
test.runIf(process.platform === "linux")(
  "a redirected file is uploaded as a file, and resumed by the command that the failure names",
  async () => {
    const at = await inShell('exec "$0" "$@" < a.img');
    const sha256 = at.file("a.img", 11 * MiB);
    const held = neverWhole(at.server, 3);
    const args = ["upload", "-", "--name", "x", "--part-size", "5M", "--lanes", "1", "--json"];
    const running = at.start(...args, "-v");
    await running.event(({ event, number }) => event === "part" && number === 2);
    running.process.kill("SIGTERM");
    const { resume } = (await running.done).error;
    expect(resume).toContain(`img upload ${join(at.dir, "a.img")} --name x`);
    held.remove();
    const { events } = await at.img(...args);
    const done = { event: "completed", sha256, resumed: true, sentBytes: MiB };
    expect(events.at(-1)).toMatchObject(done);
  },
);

// fault D39
test("a redirected file that was partly read is a stream of the rest", async () => {
  const at = await inShell('{ head -c 1048576 > /dev/null; exec "$0" "$@"; } < a.img');
  at.file("a.img", 2 * MiB);
  const { events } = await at.img("upload", "-", "--name", "x", "--json");
  expect(events.at(-1)).toMatchObject({ event: "completed", sizeBytes: MiB, file: "-" });
});

// fault D39
test("a folder as standard input is refused as such", async () => {
  const at = await inShell('exec "$0" "$@" < sub');
  mkdirSync(join(at.dir, "sub"));
  const ran = await at.img("upload", "-", "--name", "x");
  expect([ran.code, ran.stderr]).toEqual([
    2,
    "img: Standard input is a folder. An image is one file.\n",
  ]);
});

// fault D39
test("a pipe of the shell that is given as a file points to standard input", async () => {
  const at = await inShell('exec "$0" "$@" <(echo image)');
  const ran = await at.img("upload");
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("is a pipe, not a regular file: it can be read only once.\n");
  expect(ran.stderr).toContain("img upload - --name NAME");
});

const mayAttach = process.platform === "linux" && process.getuid?.() === 0;

// fault D38
test.runIf(mayAttach)(
  "a block device is a source by its path and redirected, and a stream from the middle",
  async () => {
    const at = await inShell('{ head -c "$SKIP" > /dev/null; exec "$0" "$@"; } < "$DISK"');
    const sha256 = at.file("a.img", 6 * MiB);
    const file = join(at.dir, "a.img");
    const device = execFileSync("losetup", ["--find", "--show", file], { encoding: "utf8" }).trim();
    onTestFinished(() => void spawnSync("losetup", ["--detach", device]));
    Object.assign(at.env, { SKIP: "0", DISK: device });
    const byPath = await at.img("upload", device, "--name", "by-path", "--json");
    expect(byPath.events.at(-1)).toMatchObject({ event: "completed", sha256, file: device });
    const redirected = await at.img("upload", "-", "--name", "redirected", "--json");
    expect(redirected.events.at(-1)).toMatchObject({ event: "completed", sha256, file: device });
    at.env["SKIP"] = String(MiB);
    const rest = await at.img("upload", "-", "--name", "rest", "--json");
    expect(rest.events.at(-1)).toMatchObject({ event: "completed", sizeBytes: 5 * MiB, file: "-" });
  },
);
