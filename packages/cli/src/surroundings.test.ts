import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DigestFailedError, TransportError } from "@img/node-fs";
import { expect, test } from "vitest";
import { explain } from "./failure/failure.js";
import { main, MiB, script, token, type Script } from "./testing/script.js";

const isLinux = process.platform === "linux";
const isRoot = isLinux && process.getuid?.() === 0;

// fault D34
test.runIf(isRoot)(
  "a user without HOME and without an entry in /etc/passwd lists and downloads; an upload says what is missing",
  async () => {
    const as = ["setpriv", "--reuid", "54321", "--clear-groups", process.execPath, main] as const;
    const { img, dir, env, file, server } = await script({}, as);
    file("a.img", MiB);
    const id = await stored(server.url, "b.img");
    for (const name of ["HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"]) {
      Reflect.deleteProperty(env, name);
    }
    chmodSync(dir, 0o777);
    expect((await img("list")).code).toBe(0);
    expect((await img("download", id, "c.img")).code).toBe(0);
    const refused = await img("upload", "a.img");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^img: This user has no home folder .*\s+Set HOME or XDG_STATE_HOME/,
    );
    expect(refused.stderr).not.toContain("    at ");
    expect(refused.stderr).not.toContain("Resume with"); // nothing has begun
  },
);

/** Uploads an image of one small part. */
async function stored(url: string, name: string): Promise<string> {
  const { SfcCore } = await import("@img/core/core.js");
  const { uploadStream } = await import("@img/node-fs");
  const client = new SfcCore({ serverURL: url, bearerAuth: token });
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(1000, 1);
  }
  return (await uploadStream(bytes(), name, { client })).image.id;
}

// fault D35
test.runIf(isLinux)(
  "in a folder that was deleted absolute paths work, and relative ones are refused",
  async () => {
    const inDeleted = 'mkdir gone; cd gone; rmdir ../gone; exec "$0" "$@"';
    const at = await script({}, ["sh", "-c", inDeleted, process.execPath, main]);
    at.file("a.img", 5 * MiB);
    expect((await at.img("upload", join(at.dir, "a.img"))).code).toBe(0);
    expect((await at.img("download", "a.img", join(at.dir, "b.img"))).code).toBe(0);
    const refused = await at.img("download", "a.img");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("The working folder was deleted.\n");
  },
);

// fault D34
test.each([
  ["in the home", "~/st", "st"],
  ["beside the configuration", "st", ".config/img/st"],
])("state_dir %s is where uploads are remembered", async (_, given, folder) => {
  const { img, dir, file } = await script();
  mkdirSync(join(dir, ".config/img"), { recursive: true });
  writeFileSync(join(dir, ".config/img/config.toml"), `state_dir = "${given}"\n`);
  file("a.img", MiB);
  expect((await img("upload", "a.img")).code).toBe(0);
  expect(existsSync(join(dir, folder))).toBe(true);
  expect(existsSync(join(dir, ".state"))).toBe(false);
});

// fault D36
test("a name of 255 bytes is uploaded and downloaded, and nothing is left beside it", async () => {
  const { img, dir, file } = await script();
  const name = "a".repeat(255);
  file(name, MiB);
  mkdirSync(join(dir, "to"));
  expect((await img("upload", name)).code).toBe(0);
  expect((await img("download", name, "to")).code).toBe(0);
  expect(readdirSync(join(dir, "to"))).toEqual([name]);
  const tooLong = await img("download", name, `to/${name}b`);
  expect(tooLong.code).toBe(2);
  expect(readdirSync(join(dir, "to"))).toEqual([name]);
});

// fault D36
test("a target that ends with a slash is a folder, which must be there", async () => {
  const { img, dir, file } = await script();
  file("a.img", MiB);
  await img("upload", "a.img", "--quiet");
  const refused = await img("download", "a.img", "new/");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`There is no folder ${join(dir, "new")}.\n     Make it first.`);
  expect(existsSync(join(dir, "new"))).toBe(false);
});

// fault D34
test.runIf(isLinux).each([
  ["unset", {}],
  ["relative", { TMPDIR: "t", XDG_STATE_HOME: "s", XDG_CONFIG_HOME: "c", XDG_CACHE_HOME: "d" }],
  [
    "no folders",
    { TMPDIR: "/dev/null", XDG_CONFIG_HOME: "/dev/null", XDG_CACHE_HOME: "/dev/null" },
  ],
  ["not writable", { TMPDIR: "/proc", XDG_CONFIG_HOME: "/proc", XDG_CACHE_HOME: "/proc" }],
])("TMPDIR and XDG folders that are %s keep no command from its work", async (_, given) => {
  const { img, dir, env, file } = await script();
  for (const name of Object.keys(env)) {
    if (name.startsWith("XDG_")) Reflect.deleteProperty(env, name);
  }
  Object.assign(env, given);
  file("a.img", MiB);
  const ran = await img("upload", "a.img");
  expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining("    at ")]);
  expect(existsSync(join(dir, ".local/state/img"))).toBe(true);
});

// fault D34
test("a state folder that cannot be made is an error of one sentence", async () => {
  const { img, env, file }: Script = await script();
  file("a.img", MiB);
  env["XDG_STATE_HOME"] = "/dev/null";
  const ran = await img("upload", "a.img");
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("a file stands where a folder should");
});

// fault D37
test.each([
  [
    "EMFILE",
    Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" }),
    "ulimit -n",
  ],
  ["addresses", new RangeError("WebAssembly.Memory(): could not allocate memory"), "ulimit -v"],
  ["connections", new TransportError("EMFILE", false), "ulimit -n"],
])("a limit of the process (%s) is said, and not to run it again", (_, cause, hint) => {
  const error = new DigestFailedError("The thread is gone. Run it again to resume.", { cause });
  const { message, hint: told, resume, exitCode } = explain(error, { resume: "img x", far: "" });
  expect(`${message} ${told}`).toContain(hint);
  expect(`${message} ${told}`).not.toContain("again");
  expect([resume, exitCode]).toEqual([undefined, 1]);
});
