import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeCertificate } from "../../../node-fs/src/testing/certificate.js";
import { script, token, type Script } from "../testing/script.js";

/** Starts a server that looks like api.sfcompute.com to a client behind the proxy. */
async function asVendor(): Promise<Script & { readonly targets: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "img-vendor-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { cert, key, certPath } = makeCertificate(folder, "DNS:api.sfcompute.com,IP:127.0.0.1");
  const made = await script({ tls: { cert, key }, allowHosts: ["api.sfcompute.com"] });
  const { url, targets } = await tunnelTo(Number(new URL(made.server.url).port));
  made.env["NODE_EXTRA_CA_CERTS"] = certPath;
  made.env["HTTPS_PROXY"] = url;
  made.env["SFC_SERVER_URL"] = "https://api.sfcompute.com";
  made.env["SFC_BEARER_AUTH"] = "";
  return { ...made, targets };
}

/** Starts a proxy that connects every request to one port of this machine. */
async function tunnelTo(port: number): Promise<{ url: string; targets: string[] }> {
  const targets: string[] = [];
  const proxy = createServer();
  proxy.on("connect", ({ url }, client: Socket) => {
    targets.push(url ?? "");
    const upstream = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, targets };
}

test.each(["SF_BEARER_TOKEN", "SF_API_KEY"])(
  "%s is enough for the vendor's server, and no other gets it",
  async (variable) => {
    const { img, env, server, targets } = await asVendor();
    env[variable] = token;
    const listed = await img("list", "--json");
    expect(listed.stderr).toBe("");
    expect(listed.code).toBe(0);
    expect(new Set(targets)).toEqual(new Set(["api.sfcompute.com:443"]));
    const answered = server.requests.list;
    expect(answered).toBeGreaterThan(0);

    delete env["HTTPS_PROXY"];
    const elsewhere = await img("list", "--server", server.url);
    expect(elsewhere.code).toBe(3);
    expect(elsewhere.stderr).toContain(`${variable} is sent to https://api.sfcompute.com only.`);
    expect(elsewhere.stderr).not.toContain(token);
    expect(server.requests.list).toBe(answered);
  },
);
