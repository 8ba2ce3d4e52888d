import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MiB, script, token, type Script } from "../testing/script.js";

const config = ({ file }: Script, text: string): string => file(".config/img/config.toml", text);

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

test("defaults of the configuration hold where no flag says otherwise", async () => {
  const made = await script();
  made.file("a.img", 12 * MiB);
  config(made, 'lanes = 2\npart_size = "6M"\nlimit_rate = "1G"\nmemory = "64M"\n');
  const planned = async (...args: string[]): Promise<unknown> =>
    (await made.img("upload", "a.img", "--dry-run", "--json", ...args)).events[0];
  expect(await planned()).toMatchObject({ lanes: 2, partBytes: 6 * MiB, parts: 2 });
  expect(await planned("--part-size", "5M")).toMatchObject({ lanes: 2, parts: 3 });
});

test("img doctor finds nothing wrong in a correct set-up", async () => {
  const { img } = await script();
  const { code, events } = await img("doctor", "--json");
  expect(code).toBe(0);
  expect(events.map(({ check, ok }) => [check, ok])).toEqual(
    ["config", "server", "token", "clock", "workspace", "state", "digest", "link"].map((check) => [
      check,
      true,
    ]),
  );
});

test("img doctor distinguishes a wrong token, a wrong clock and a dead server", async () => {
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
    /^FAIL {5}clock {5}(35[5-9]\d|360[01]) s behind the service's\. Set this machine's\.$/m,
  );
  fault.remove();
  env["SFC_BEARER_AUTH"] = "another-token";
  expect(await img("doctor")).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/^FAIL {5}token /m) as unknown,
  });
  await server.close();
  expect(await img("doctor")).toMatchObject({
    code: 75,
    stdout: expect.stringMatching(/^FAIL {5}server /m) as unknown,
  });
});
