import { mkdtempSync, rmSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { makeCertificate } from "../testing/certificate.js";
import { runChild } from "../testing/child.js";
import { startConnectProxy } from "../testing/connect-proxy.js";
import { transferOf, twoParts } from "../testing/moving.js";
import { partBytes, sha256Of } from "../testing/seeded.js";
import { openWorld, sha256OfFile, type World } from "../testing/world.js";

const keys = mkdtempSync(join(tmpdir(), "img-keys-"));
const tls = makeCertificate(keys);
afterAll(() => rmSync(keys, { recursive: true, force: true }));

// fault N14
test("TLS: an untrusted certificate of the service ends it at once", async () => {
  const world = await openWorld({ tls });
  const upload = await transferOf(world, "upload");
  await expect(upload.run()).rejects.toMatchObject({
    code: "API_REFUSED",
    message: expect.stringMatching(/self-signed|certificate/i) as string,
  });
  expect(world.server.requests.create).toBe(0);
});

// fault N14
test("TLS: an untrusted certificate of the object store ends it at once", async () => {
  const front = await startTlsFront();
  const world = await openWorld({ publicUrl: `https://127.0.0.1:${front.port}` });
  front.forwardTo(world.port);
  const upload = await transferOf(world, "upload");
  await expect(upload.run()).rejects.toMatchObject({
    code: "TRANSPORT",
    message: expect.stringMatching(/SELF_SIGNED|CERT/) as string,
  });
  expect(world.server.requests.part).toBe(0);
});

test("NODE_EXTRA_CA_CERTS is honoured, up and down", async () => {
  const world = await openWorld({ tls });
  await world.file("image.raw", twoParts);
  const uploaded = await uploadInChild(world);
  expect(uploaded).toMatchObject({ sha256: sha256Of(twoParts) });
  await expectDownloaded(world);
});

// fault N14
test("TLS: a broken record on the way up is sent again", async () => {
  const world = await openWorld({ tls });
  await world.file("image.raw", twoParts);
  world.proxy.script((connection) => (connection === 1 ? { up: { flipBitAt: 2_000_000 } } : {}));
  const result = await uploadInChild(world, {}, { lanes: 1 });
  expect(result).toMatchObject({ sha256: sha256Of(twoParts) });
  expect(world.proxy.accepted).toBe(2);
  await expectDownloaded(world);
});

// fault N14
test("TLS: a broken record on the way down is asked for again", async () => {
  const world = await openWorld({ tls });
  await world.image("image.raw", twoParts);
  world.proxy.script((connection) => (connection === 1 ? { down: { flipBitAt: 2_000_000 } } : {}));
  await expectDownloaded(world);
  expect(world.proxy.accepted).toBe(2);
});

test.each(["HTTPS_PROXY", "https_proxy"])("%s is honoured for the object store", async (name) => {
  const world = await openWorld({ tls });
  const connectProxy = await connectProxyOf();
  await world.file("image.raw", twoParts);
  const result = await uploadInChild(world, { [name]: connectProxy.url });
  expect(result).toMatchObject({ sha256: sha256Of(twoParts) });
  expect(connectProxy.targets).toContain(`127.0.0.1:${world.proxy.port}`);
  expect(world.proxy.accepted).toBe(
    connectProxy.targets.filter((target) => target.endsWith(`:${world.proxy.port}`)).length,
  );
});

test("a user and a password of HTTPS_PROXY are sent to the proxy, and told to nobody else", async () => {
  const world = await openWorld({ tls });
  const connectProxy = await connectProxyOf();
  await world.file("image.raw", twoParts);
  world.server.faults.add({ on: "part", do: "answer", status: 413, times: Infinity });
  const url = connectProxy.url.replace("//", "//someone:proxy-pass-word@");
  const result = await uploadInChild(world, { HTTPS_PROXY: url });
  expect(result).toMatchObject({ code: "PART_REFUSED" });
  expect(JSON.stringify(result)).not.toContain("proxy-pass-word");
  const credentials = Buffer.from("someone:proxy-pass-word").toString("base64");
  expect(connectProxy.authorization).toBe(`Basic ${credentials}`);
});

test("NO_PROXY keeps the object store off the proxy", async () => {
  const world = await openWorld({ tls });
  const connectProxy = await connectProxyOf();
  await world.file("image.raw", twoParts);
  const env = { HTTPS_PROXY: connectProxy.url, NO_PROXY: "127.0.0.1" };
  expect(await uploadInChild(world, env)).toMatchObject({ sha256: sha256Of(twoParts) });
  expect(connectProxy.targets).toEqual([]);
});

test.each(["HTTPS_PROXY", "https_proxy"])("%s is honoured for the service, too", async (name) => {
  const world = await openWorld({ tls });
  const connectProxy = await connectProxyOf();
  await world.file("image.raw", twoParts);
  const result = await uploadInChild(world, { [name]: connectProxy.url });
  expect(result).toMatchObject({ sha256: sha256Of(twoParts) });
  expect(connectProxy.targets).toContain(`127.0.0.1:${world.port}`);
});

test("a proxy that cannot be reached is an error that can be tried again, of the service's side", async () => {
  const world = await openWorld({ tls });
  await world.file("image.raw", twoParts);
  const env = { HTTPS_PROXY: "http://someone:proxy-pass-word@127.0.0.1:9" };
  const result = await uploadInChild(world, env, { retryBudgetMs: 100 });
  expect(result).toMatchObject({ code: "NO_PROGRESS" });
  expect(JSON.stringify(result)).not.toContain("proxy-pass-word");
  expect(world.server.requests.list).toBe(0);
});

function uploadInChild(
  world: World,
  env: Readonly<Record<string, string>> = {},
  given: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const options = JSON.stringify({ stateDir: world.stateDir, partBytes, ...given });
  const expression = `img.uploadImage("${world.path("image.raw")}", ${options})`;
  return runChild(world, expression, { NODE_EXTRA_CA_CERTS: tls.certPath, ...env }).result;
}

async function expectDownloaded(world: World): Promise<void> {
  const target = world.path("target.raw");
  const options = JSON.stringify({ partBytes, lanes: 1 });
  const expression = `img.downloadImage("image.raw", "${target}", ${options})`;
  const env = { NODE_EXTRA_CA_CERTS: tls.certPath };
  expect(await runChild(world, expression, env).result).toMatchObject({ verified: true });
  expect(await sha256OfFile(target)).toBe(sha256Of(twoParts));
}

async function connectProxyOf(): Promise<Awaited<ReturnType<typeof startConnectProxy>>> {
  const connectProxy = await startConnectProxy();
  onTestFinished(() => connectProxy.close());
  return connectProxy;
}

/** What takes the TLS off. */
async function startTlsFront(): Promise<{ port: number; forwardTo(port: number): void }> {
  let target = 0;
  const front = createServer({ cert: tls.cert, key: tls.key }, (client) => {
    const server = connect(target, "127.0.0.1");
    client.pipe(server).pipe(client);
  });
  front.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => front.close(() => resolve())));
  return {
    port: (front.address() as AddressInfo).port,
    forwardTo: (port) => {
      target = port;
    },
  };
}
