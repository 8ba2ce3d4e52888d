import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MiB, script, token, type Script } from "./testing/script.js";

const config = ({ file }: Script, text: string): string => file(".config/img/config.toml", text);

/** Clears what the environment says of the service. */
function unset({ env }: Script): void {
  env["SFC_SERVER_URL"] = env["SFC_BEARER_AUTH"] = "";
}

test("server and token_command of the configuration are enough", async () => {
  const made = await script();
  unset(made);
  config(made, `server = "${made.server.url}"\ntoken_command = "echo ${token}"\n`);
  expect(await made.img("list", "--json")).toMatchObject({ code: 0, stdout: "" });
});

test("the environment wins over the configuration, and a flag over both", async () => {
  const made = await script();
  config(made, 'server = "http://127.0.0.1:1"\ntoken_command = "false"\n');
  expect((await made.img("list")).code).toBe(0);
  made.env["SFC_SERVER_URL"] = "http://127.0.0.1:1";
  expect((await made.img("list", "--server", made.server.url)).code).toBe(0);
});

test("a token command is asked once, and again when its token was refused", async () => {
  const made = await script();
  made.file(
    "token.sh",
    `echo x >> asked; if [ -s old ]; then rm old; echo refused-token; else echo ${token}; fi`,
  );
  made.file("old", "old");
  made.file("a.img", 11 * MiB);
  chmodSync(join(made.dir, "token.sh"), 0o700);
  made.env["SFC_BEARER_AUTH"] = "";
  config(made, 'token_command = "sh ./token.sh"');
  const { code } = await made.img("upload", "a.img", "--part-size", "5M");
  expect(code).toBe(0);
  expect((await made.img("list")).code).toBe(0);
  expect(readFileSync(join(made.dir, "asked"), "utf8")).toBe("x\nx\nx\n");
});

test("a token command that fails ends with 3, without what it printed", async () => {
  const made = await script();
  made.env["SFC_BEARER_AUTH"] = "";
  config(made, 'token_command = "echo half-a-secret; exit 4"');
  const ran = await made.img("list");
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain("ended with 4.");
  expect(ran.stderr.replace(/The token command ".*"/, "")).not.toContain("half-a-secret");
});

test("defaults of the configuration hold where no flag says otherwise", async () => {
  const made = await script();
  made.file("a.img", 12 * MiB);
  config(made, 'lanes = 2\npart_size = "6M"\nlimit_rate = "1G"\nmemory = "64M"\n');
  const planned = async (...args: string[]): Promise<unknown> =>
    (await made.img("upload", "a.img", "--dry-run", "--json", ...args)).events[0];
  expect(await planned()).toMatchObject({ lanes: 2, partBytes: 6 * MiB, parts: 2 });
  expect(await planned("--part-size", "5M")).toMatchObject({ lanes: 2, parts: 3 });
});

for (const [what, text, message] of [
  ["a token", 'token = "secret"', "must not hold a token."],
  ["a key that nobody knows", 'sever = "x"', 'nobody knows "sever".'],
  ["a rate that is none", 'limit_rate = "fast"', "limit_rate is not usable."],
  ["what is no TOML", "lanes = ", "config.toml, line 1:"],
] as const) {
  test(`a configuration with ${what} ends with 2`, async () => {
    const made = await script();
    config(made, text);
    const ran = await made.img("list");
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toContain("secret");
  });
}

test("without a server it ends with 2 and says how to give one", async () => {
  const made = await script();
  unset(made);
  const ran = await made.img("list");
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("Set SFC_SERVER_URL, --server, or server in ");
});

test("without a token it ends with 3 and says how to give one", async () => {
  const made = await script();
  made.env["SFC_BEARER_AUTH"] = "";
  const ran = await made.img("upload", "a.img");
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain("Set SFC_BEARER_AUTH, or token_command in ");
});

test("plain http to another machine is refused with 2", async () => {
  const { img } = await script();
  const ran = await img("list", "--server", "http://images.example");
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("--allow-insecure-http");
});

test("img doctor finds nothing wrong where nothing is", async () => {
  const { img } = await script();
  const { code, events } = await img("doctor", "--json");
  expect(code).toBe(0);
  expect(events.map(({ check, ok }) => [check, ok])).toEqual(
    ["config", "server", "token", "clock", "state", "digest", "link"].map((check) => [check, true]),
  );
});

test("img doctor tells a wrong token, a wrong clock and a dead server apart", async () => {
  const { img, env, server } = await script();
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  const fault = server.faults.add({
    on: "list",
    do: "headers",
    headers: { Date: date },
    times: Infinity,
  });
  const skewed = await img("doctor");
  expect(skewed.code).toBe(1);
  expect(skewed.stdout).toMatch(
    /^FAIL {2}clock {3}(3599|3600|3601) s behind the service's\. Set this machine's\.$/m,
  );
  fault.remove();
  env["SFC_BEARER_AUTH"] = "another-token";
  expect(await img("doctor")).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/^FAIL {2}token /m) as unknown,
  });
  await server.close();
  expect(await img("doctor")).toMatchObject({
    code: 75,
    stdout: expect.stringMatching(/^FAIL {2}server /m) as unknown,
  });
});
