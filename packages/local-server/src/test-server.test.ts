import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Sfc } from "@img/core";
import { startTestServer } from "@img/local-server/testing";
import { expect, onTestFinished, test } from "vitest";

const folders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("img-test-server-"));

test("a test server listens on a free port, and its folder is gone once it is closed", async () => {
  const before = await folders();
  const server = await startTestServer();
  const mine = (await folders()).filter((name) => !before.includes(name));
  expect(mine.length).toBeGreaterThan(0);
  const { SFC_SERVER_URL: serverURL, SFC_BEARER_AUTH: bearerAuth } = server.env;
  const { result } = await new Sfc({ serverURL, bearerAuth }).images.list();
  expect(result.data).toEqual([]);
  expect(server.requests.list).toBe(1);
  await server[Symbol.asyncDispose]();
  await server.close(); // may be called again
  await expect(fetch(serverURL)).rejects.toThrow();
  expect(await folders()).not.toEqual(expect.arrayContaining(mine));
});

test("a test server misbehaves from the start if it is told to", async () => {
  const server = await startTestServer({ faults: [{ on: "list", do: "answer", status: 503 }] });
  onTestFinished(() => server.close());
  const sfc = new Sfc({ serverURL: server.url, bearerAuth: server.token });
  await expect(sfc.images.list()).rejects.toMatchObject({ statusCode: 503 });
  await expect(sfc.images.list()).resolves.toBeDefined();
});

test("an impossible fault leaves no server and no folder", async () => {
  const started = startTestServer({ faults: [{ on: "list", do: "flip-bit", atByte: 0 }] });
  await expect(started).rejects.toThrow(TypeError);
});
