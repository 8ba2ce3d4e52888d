import { expect, test } from "vitest";
import { bytesFrom, MiB, serve, sha256 } from "../testing/real-server.js";

/** Sends the requests of the vendor's own command, one by one, as it sends them with `fetch`. */
function vendorCommand(serverUrl: string, token: string) {
  const headers = { Accept: "*/*", Authorization: `Bearer ${token}` };
  const call = async (method: string, path: string, body?: unknown) => {
    const reply = await fetch(serverUrl + path, {
      method,
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!reply.ok) throw new Error(`${method} ${path} answered ${reply.status}`);
    return (await reply.json()) as Record<string, unknown>;
  };
  const defaultWorkspace = async () =>
    `sfc:workspace:${String((await call("GET", "/v1/account/me"))["id"])}:default`;

  return {
    async upload(name: string, parts: readonly Buffer<ArrayBuffer>[]) {
      const workspace = await defaultWorkspace();
      const { id } = await call("POST", "/preview/v2/images", { name, workspace });
      for (const [index, body] of parts.entries()) {
        const path = `/preview/v2/images/${String(id)}/parts`;
        const { url } = await call("POST", path, { part_id: index + 1 });
        const sent = { "Content-Type": "application/octet-stream" };
        const put = await fetch(String(url), { method: "PUT", headers: sent, body });
        if (!put.ok) throw new Error(`part ${index + 1} was answered ${put.status}`);
      }
      const digest = { sha256: sha256(Buffer.concat(parts)) };
      return call("POST", `/preview/v2/images/${String(id)}/complete`, digest);
    },
    async list() {
      const query = new URLSearchParams({ workspace: await defaultWorkspace() });
      return call("GET", `/preview/v2/images?${query.toString()}`);
    },
    async get(idOrName: string) {
      const path = `/preview/v2/images/${encodeURIComponent(idOrName)}`;
      const image = await call("GET", path);
      return { image, download: await call("GET", `${path}/download`) };
    },
  };
}

test("the vendor's command uploads, lists, gets by name and downloads", async () => {
  const parts = [bytesFrom("first", 5 * MiB), bytesFrom("last", 1000)].map((bytes) =>
    Buffer.from(bytes),
  );
  const { url } = await serve({ accounts: [{ name: "team", token: "its-token" }] });
  const command = vendorCommand(url, "its-token");
  const completed = await command.upload("my-image", parts);
  expect(completed).toMatchObject({
    name: "my-image",
    upload_status: "completed",
    owner: "team",
    workspace: "default",
  });
  expect((await command.list())["data"]).toEqual([completed]);
  const { image, download } = await command.get("my-image");
  expect(image).toEqual(completed);
  const got = await fetch(String(download["url"]));
  expect(Buffer.from(await got.arrayBuffer()).equals(Buffer.concat(parts))).toBe(true);
});
