import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { farAddress, whyNoWan, WanLink } from "./wan-link.js";

const shape = { mbit: 100, rttMs: 20, lossPercent: 0, queueMs: 50, mtu: 1500, congestion: "cubic" };

/** A server that answers "far" at the far end until it is killed, and prints its port first. */
const server = `require("node:http").createServer((_, answer) => answer.end("far"))
  .listen(0, "${farAddress}", function () { console.log(this.address().port) })`;

test.runIf(whyNoWan() === null)(
  "bytes go from one namespace to the other, and both are gone afterwards",
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "img-wan-test-"));
    const link = await WanLink.start(shape, folder, join(import.meta.dirname, "emulator.c"));
    const inside = (namespace: string, code: string): readonly string[] => [
      ...["netns", "exec", namespace, process.execPath, "-e", code],
    ];
    const far = spawn("ip", inside(link.far, server));
    try {
      const [port] = (await once(far.stdout, "data")) as [Buffer];
      const url = `http://${farAddress}:${String(port).trim()}`;
      const get = `fetch("${url}").then((answer) => answer.text()).then(console.log)`;
      const { stdout } = await promisify(execFile)("ip", inside(link.near, get));
      expect(stdout.trim()).toBe("far");
    } finally {
      far.kill();
      await link.stop();
      rmSync(folder, { recursive: true });
    }
    const { stdout: left } = await promisify(execFile)("ip", ["netns", "list"]);
    expect(left).not.toContain(link.near);
    expect(left).not.toContain(link.far);
  },
);

test.runIf(whyNoWan() !== null)(`there is no such link here, since ${whyNoWan()}`, () => {
  expect(whyNoWan()).toMatch(/^it needs /);
});
