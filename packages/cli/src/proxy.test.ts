import { expect, onTestFinished, test } from "vitest";
import { startConnectProxy } from "../../node-fs/src/testing/connect-proxy.js";
import { MiB, script } from "./testing/script.js";

test("behind a proxy of the environment, calls and parts go through it", async () => {
  const { img, file, env, server } = await script();
  const proxy = await startConnectProxy();
  onTestFinished(() => proxy.close());
  env["HTTP_PROXY"] = proxy.url;
  const sha256 = file("a.img", MiB);
  const sent = await img("upload", "a.img", "--json");
  expect(sent.stderr).toBe("");
  expect(sent.events.at(-1)).toMatchObject({ event: "completed", sha256 });
  expect((await img("download", "a.img", "b.img")).code).toBe(0);
  // Of each command, a connection for the calls and one for the part.
  expect(proxy.targets.length).toBeGreaterThanOrEqual(4);
  expect(new Set(proxy.targets)).toEqual(new Set([new URL(server.url).host]));
});
