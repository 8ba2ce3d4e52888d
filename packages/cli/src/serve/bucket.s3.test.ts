import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bucketOptions } from "../../../local-server/src/testing/test-bucket.js";
import { MiB, script, type Running, type Script } from "../testing/script.js";

/**
 * Starts `img serve` on a bucket.
 *
 * @returns The endpoint of the bucket's store. The server's URL is in the environment of the clients.
 */
async function serving(given: Script): Promise<string> {
  const { start, env } = given;
  const { bucket, prefix = "", endpoint = "" } = bucketOptions();
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith("AWS_")) env[name] = value ?? "";
  }
  const running = start(
    ...["serve", "--port", "0", "--json", "--store", `s3://${bucket}/${prefix}`],
    ...["--s3-endpoint", endpoint],
  );
  const { url } = await running.event(({ event }) => event === "listening");
  env["SFC_SERVER_URL"] = String(url);
  return endpoint;
}

const underWay = (running: Running): Promise<unknown> =>
  running.event(({ event, partsDone }) => event === "progress" && Number(partsDone) > 0);

test("img uploads to a bucket, resumes after kill -9, downloads, lists and deletes", async () => {
  const given = await script();
  const { start, img, file, dir } = given;
  await serving(given);
  const sha256 = file("a.img", 60 * MiB);
  const slowly = ["--part-size", "5M", "--limit-rate", "10M", "--json", "-v"];
  const killed = start("upload", "a.img", ...slowly);
  await underWay(killed);
  killed.process.kill("SIGKILL");
  await killed.done;
  const sent = await img("upload", "a.img", "--json");
  expect(sent.stderr).toBe("");
  expect(sent.events.at(-1)).toMatchObject({ event: "completed", sha256, resumed: true });
  expect(sent.events.at(-1)!["sentBytes"]).toBeLessThan(60 * MiB);
  expect((await img("download", "a.img", join(dir, "c.img"))).stdout).toContain(
    `${sha256} (verified)`,
  );
  expect((await img("list", "--json")).events).toMatchObject([{ name: "a.img" }]);
  expect((await img("delete", "a.img", "--yes")).code).toBe(0);
  expect((await img("download", "a.img", join(dir, "d.img"))).code).toBe(4);
});

test("with --json nothing is on standard error while nothing is wrong", async () => {
  const given = await script();
  const { start, env } = given;
  await serving(given);
  delete env["NODE_NO_WARNINGS"];
  const { bucket, prefix = "", endpoint = "" } = bucketOptions();
  const running = start(
    ...["serve", "--port", "0", "--json", "--store", `s3://${bucket}/${prefix}`],
    ...["--s3-endpoint", endpoint],
  );
  await running.event(({ event }) => event === "listening");
  running.process.kill("SIGTERM");
  expect((await running.done).stderr).toBe("");
});

test("several accounts of a file of tokens share a bucket, each with its own images", async () => {
  const given = await script();
  const { dir, start, img, env, file } = given;
  await serving(given);
  expect((await img("list")).code).toBe(0);
  const { bucket, prefix = "", endpoint = "" } = bucketOptions();
  writeFileSync(join(dir, "tokens"), "alice token-a\nshared token-s public # all may read\n", {
    mode: 0o600,
  });
  const running = start(
    ...["serve", "--port", "0", "--json", "--store", `s3://${bucket}/${prefix}`],
    ...["--s3-endpoint", endpoint, "--tokens", "tokens"],
  );
  const listening = await running.event(({ event }) => event === "listening");
  expect(Object.keys(listening)).toEqual(["event", "url"]);
  env["SFC_SERVER_URL"] = String(listening["url"]);
  file("a.img", MiB);
  for (const [token, code] of [
    ["token-s", 0],
    ["token-a", 0],
    ["nobody", 3],
  ] as const) {
    env["SFC_BEARER_AUTH"] = token;
    expect((await img("upload", "a.img", "--quiet")).code).toBe(code);
  }
});
