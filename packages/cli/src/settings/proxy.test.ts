import { expect, onTestFinished, test } from "vitest";
import { startConnectProxy } from "../../../node-fs/src/testing/connect-proxy.js";
import { MiB, script } from "../testing/script.js";

test("behind a proxy of the environment, calls and parts go through it", async () => {
  const { img, file, env, server } = await script();
  const proxy = await startConnectProxy();
  onTestFinished(() => proxy.close());
  env["HTTP_PROXY"] = new URL(proxy.url).host; // as people set it
  const sha256 = file("a.img", MiB);
  const sent = await img("upload", "a.img", "--json");
  expect(sent.stderr).toBe("");
  expect(sent.events.at(-1)).toMatchObject({ event: "completed", sha256 });
  expect((await img("download", "a.img", "b.img")).code).toBe(0);
  expect(proxy.forwarded.length).toBeGreaterThanOrEqual(8);
  expect(new Set(proxy.forwarded)).toEqual(new Set([new URL(server.url).host]));
  expect(proxy.targets).toEqual([]); // most proxies tunnel to port 443 only
});

// fault N11
test.each([
  ["refuses", 407, "the proxy answered 407"],
  ["forbids", 403, "the proxy answered 403"],
])("a proxy that %s a tunnel is named, without its password", async (_, connectStatus, why) => {
  const { img, file, env } = await script();
  const proxy = await startConnectProxy({ connectStatus });
  onTestFinished(() => proxy.close());
  env["SFC_SERVER_URL"] = "https://images.test";
  env["HTTPS_PROXY"] = proxy.url.replace("//", "//someone:proxy-pass-word@");
  file("a.img", MiB);
  const { code, stderr } = await img("upload", "a.img");
  expect(stderr).toContain(`${why} (through the proxy ${proxy.url})`);
  expect(stderr).not.toContain("proxy-pass-word");
  expect(code).toBe(75);
});

test("a variable that names no proxy is refused before anything is sent", async () => {
  const { img, file, env } = await script();
  env["HTTPS_PROXY"] = "socks5://someone:proxy-pass-word@127.0.0.1:9";
  file("a.img", MiB);
  const { code, stderr } = await img("upload", "a.img");
  expect(stderr).toContain("HTTPS_PROXY must be http://HOST:PORT");
  expect(stderr).not.toContain("proxy-pass-word");
  expect(code).toBe(2);
});
