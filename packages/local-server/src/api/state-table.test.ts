import { describe, expect, test } from "vitest";
import { bytesFrom, expectError, serveAll, sha256 } from "../testing/real-server.js";
import type { Client, Reply } from "../testing/real-server.js";

const part = bytesFrom("one part", 1000);
const digest = sha256(part);

const accounts = [
  { name: "mine", token: "my-token" },
  { name: "private", token: "private-token" },
  { name: "public", token: "public-token", isPublic: true },
];

/** Returns the same client for another account, in its default workspace. */
const other = (own: Client, account: string): Client => {
  const client = own.as(`${account}-token`);
  return own.workspace === undefined
    ? client
    : client.inPreview(`sfc:workspace:${account}:default`);
};

const revoke = (client: Client, id: string): Promise<Reply> =>
  client.inPreview("").call("POST", `/${id}/revoke`);

/** Makes an image in each state of the table, by the name of the column. */
const columns: Readonly<Record<string, (own: Client) => Promise<string>>> = {
  started: (own) => own.create("started"),
  uploading: async (own) => {
    const id = await own.create("uploading");
    await own.put(id, 1, part);
    return id;
  },
  completed: (own) => own.upload("completed", [part]),
  failed: async (own) => {
    const id = await own.create("failed");
    own.server.faults.add({ on: "get", do: "mark-failed" });
    await own.status(id);
    return id;
  },
  revoked: async (own) => {
    const id = await own.upload("revoked", [part]);
    expect((await revoke(own, id)).status).toBe(200);
    return id;
  },
  deleted: async (own) => {
    const id = await own.upload("deleted", [part]);
    await own.call("DELETE", `/${id}`);
    return id;
  },
  unknown: () => Promise.resolve("image_unknown"),
  "another's private": (own) => other(own, "private").upload("private", [part]),
  "another's public, not completed": (own) => other(own, "public").create("open"),
  "another's public, revoked": async (own) => {
    const id = await other(own, "public").upload("revoked", [part]);
    await revoke(other(own, "public"), id);
    return id;
  },
  "another's public": (own) => other(own, "public").upload("public", [part]),
};

const calls: Readonly<Record<string, (client: Client, id: string) => Promise<Reply>>> = {
  get: (client, id) => client.call("GET", `/${id}`),
  "part URL": (client, id) => client.call("POST", `/${id}/parts`, { part_id: 1 }),
  complete: (client, id) => client.complete(id, digest),
  "download URL": (client, id) => client.call("GET", `/${id}/download`),
  delete: (client, id) => client.call("DELETE", `/${id}`),
  revoke: (client, id) => client.call("POST", `/${id}/revoke`),
  reinstate: (client, id) => client.call("POST", `/${id}/reinstate`),
};

/**
 * The statuses for one's own images, in the order of the columns: started, uploading, completed, failed,
 * revoked.
 */
const own: Readonly<Record<string, readonly number[]>> = {
  get: [200, 200, 200, 200, 200],
  "part URL": [200, 200, 400, 400, 400],
  // The "started" image has no part yet.
  complete: [400, 200, 200, 400, 400],
  "download URL": [409, 409, 200, 409, 409],
  delete: [200, 200, 200, 200, 200],
  revoke: [409, 409, 200, 409, 409],
  reinstate: [409, 409, 409, 409, 200],
};

const public_ = {
  v2: { get: 200, "part URL": 403, complete: 403, "download URL": 200, delete: 404 },
  preview: {
    get: 200,
    "part URL": 404,
    complete: 404,
    "download URL": 200,
    delete: 403,
    revoke: 403,
    reinstate: 403,
  },
} as const;

function expected(version: "v2" | "preview", call: string, column: string): number {
  const others: Readonly<Record<string, number>> = public_[version];
  if (column === "another's public") return others[call]!;
  const at = ["started", "uploading", "completed", "failed", "revoked"].indexOf(column);
  return own[call]![at] ?? 404;
}

describe.each(["v2", "preview"] as const)("%s", (version) => {
  describe.each(Object.keys(public_[version]))("in each state: %s", (call) => {
    const server = serveAll({ accounts });

    test.each(Object.keys(columns))("of an image that is %s", async (column) => {
      const client = version === "v2" ? server() : server().inPreview("sfc:workspace:mine:default");
      const id = await columns[column]!(client);
      const reply = await calls[call]!(client, id);
      const status = expected(version, call, column);
      if (status === 200) expect(reply.status).toBe(200);
      else expectError(reply, status);
    });
  });
});
