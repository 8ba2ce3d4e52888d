import { expect, test } from "vitest";
import { MiB, request, serve } from "../testing/real-server.js";
import type { Client } from "../testing/real-server.js";
import { send } from "../testing/raw-client.js";
import type { Seen } from "../testing/raw-client.js";

const GiB = 1024 * MiB;

/** Sends as much as the server takes, until the connection ends. @returns The number of bytes that were sent. */
async function flood({ socket, end }: Seen): Promise<number> {
  const slice = Buffer.alloc(64 * 1024);
  let sentBytes = 0;
  const next = (): void => {
    socket.write(slice, (error) => {
      if (error) return;
      sentBytes += slice.length;
      next();
    });
  };
  next();
  await end;
  return sentBytes;
}

const bearer = (token: string) => `Authorization: Bearer ${token}\r\n`;

const refusals: readonly [
  string,
  number,
  (client: Client) => Promise<readonly [string, string, string]>,
][] = [
  ["a wrong token", 401, async ({ url }) => ["POST", `${url}/v2/images`, bearer("wrong")]],
  ["a second Host", 400, async ({ url }) => ["POST", `${url}/v2/images`, "Host: evil.example\r\n"]],
  [
    "a path where nothing is",
    404,
    async ({ url, token }) => ["POST", `${url}/nothing`, bearer(token)],
  ],
  [
    "a part of an image that was deleted",
    404,
    async (client) => {
      const id = await client.create("a");
      const url = await client.partUrl(id, 1);
      await client.call("DELETE", `/${id}`);
      return ["PUT", url, ""];
    },
  ],
  [
    "a forged part URL",
    403,
    async (client) => ["PUT", `${await client.partUrl(await client.create("a"), 1)}x`, ""],
  ],
  [
    "a body that is longer than any of the API",
    400,
    async ({ url, token }) => [
      "POST",
      `${url}/v2/images`,
      `${bearer(token)}Content-Type: application/json\r\n`,
    ],
  ],
];

test.each(refusals)(
  "the body that follows %s is not read: the answer comes, and then the end",
  async (_, status, asked) => {
    const client = await serve();
    const [method, url, headers] = await asked(client);
    const seen = send(method, url, 4 * GiB, headers);
    const sentBytes = await flood(seen);
    expect(seen.text()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(seen.text()).toMatch(/\r\nConnection: close\r\n/i);
    // This is what was discarded, and what the system's buffers took.
    expect(sentBytes).toBeLessThan(64 * MiB);
  },
);

test("a client that sends nothing more after a refusal is closed, too", async () => {
  const client = await serve();
  const seen = send("POST", `${client.url}/v2/images`, 4 * GiB, bearer("wrong"));
  expect(await seen.end).toBe("FIN");
  expect(seen.text()).toMatch(/^HTTP\/1\.1 401 /);
});

test("a short body that nobody wants costs no connection", async () => {
  const client = await serve();
  const seen = send("POST", `${client.url}/v2/images`, Buffer.alloc(1000), bearer("wrong"));
  await expect.poll(seen.text).toMatch(/^HTTP\/1\.1 401 /);
  expect(seen.text()).not.toMatch(/\r\nConnection: close\r\n/i);
  seen.socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await expect.poll(seen.text).toContain('{"status":"ok"}');
  seen.socket.destroy();
});

test("a refused body is in the log and the metrics with its status", async () => {
  const lines: string[] = [];
  const client = await serve({ log: (line) => lines.push(line) });
  const seen = send("POST", `${client.url}/v2/images`, 4 * GiB, bearer("wrong"));
  await flood(seen);
  await expect
    .poll(() => lines.map((line) => (JSON.parse(line) as { status: number }).status))
    .toEqual([401]);
  const { body } = await request(`${client.url}/metrics`);
  expect(body.toString()).toContain('img_requests_total{operation="create",status="401"} 1\n');
});
