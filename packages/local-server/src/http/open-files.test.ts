import { connect } from "node:net";
import { expect, test } from "vitest";
import { affordableConnections } from "./open-files.js";
import { request, serve } from "../testing/real-server.js";

test("the maximum of connections follows the limit of open files", () => {
  expect(affordableConnections(1024)).toBe(448);
  expect(affordableConnections(100)).toBe(16);
  expect(affordableConnections()).toBeGreaterThanOrEqual(16);
});

test("a connection above the maximum is closed, with one warning; the others continue", async () => {
  const lines: string[] = [];
  const client = await serve({ maxConnections: 2, warn: (line) => lines.push(line) });
  const port = Number(new URL(client.url).port);
  const held = [connect(port), connect(port)];
  await Promise.all(
    held.map((socket) => new Promise((resolve) => socket.once("connect", resolve))),
  );
  for (let n = 0; n < 3; n++) {
    const beyond = connect(port);
    beyond.on("error", () => undefined);
    await new Promise((resolve) => beyond.once("close", resolve));
  }
  expect(lines).toEqual([expect.stringContaining("More than 2 connections")]);
  for (const socket of held) socket.destroy();
  await expect
    .poll(() =>
      request(`${client.url}/healthz`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
});
