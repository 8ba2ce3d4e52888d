import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { imageNamePattern } from "@img/core/wire";
import {
  bytesFrom,
  expectError,
  request,
  serve,
  serveAll,
  sha256,
} from "../testing/real-server.js";
import type { Client, Reply } from "../testing/real-server.js";

const part = bytesFrom("part", 1000);

const accounts = [
  { name: "mine", token: "my-token", workspaces: ["ci", "staging"] },
  { name: "private", token: "private-token" },
  { name: "public", token: "public-token", isPublic: true, workspaces: ["base"] },
];

const pathOf = (account: string, workspace: string) => `sfc:workspace:${account}:${workspace}`;

/** Makes the three clients of the account "mine": v2, and preview in two of its workspaces. */
async function three() {
  const v2 = await serve({ accounts });
  const byDefault = v2.inPreview(pathOf("mine", "default"));
  return { v2, byDefault, ci: v2.inPreview(pathOf("mine", "ci")) };
}

const list = (client: Client, query = "") =>
  client.call("GET", `?workspace=${client.workspace!}${query}`);
const names = (reply: Reply) => reply.json.data.map(({ name }) => name);

test("a name is unique in its workspace, and v2 sees the default one", async () => {
  const { v2, byDefault, ci } = await three();
  const first = await ci.create("a");
  expectError(await ci.call("POST", "", { name: "a", workspace: ci.workspace }), 409);
  const second = await v2.create("a");
  expectError(await byDefault.call("POST", "", { name: "a", workspace: byDefault.workspace }), 409);
  expect((await list(ci)).json.data.map(({ id }) => id)).toEqual([first]);
  expect((await list(byDefault)).json.data.map(({ id }) => id)).toEqual([second]);
  expect((await v2.call("GET", "")).json.data.map(({ id }) => id)).toEqual([second]);
  expect((await v2.call("GET", `/${second}`)).status).toBe(200);
  expectError(await v2.call("GET", `/${first}`), 404);
  await ci.call("DELETE", `/${first}`);
  expect((await ci.call("POST", "", { name: "a", workspace: ci.workspace })).status).toBe(201);
});

test("preview shows owner, workspace and resource path, and v2 the same fields as before", async () => {
  const { v2, ci, byDefault } = await three();
  const id = await ci.upload("a", [part]);
  const image = (await ci.call("GET", `/${id}`)).json;
  const workspaceId = createHash("sha256").update("mine:ci").digest("base64url").slice(0, 21);
  expect(image).toEqual({
    object: "image",
    id,
    name: "a",
    upload_status: "completed",
    created_at: expect.any(Number) as number,
    sha256: sha256(part),
    resource_path: "sfc:image:mine:ci:a",
    owner: "mine",
    workspace: "ci",
    workspace_id: `wksp_${workspaceId}`,
    is_public: false,
    version: 0,
    deprecated_at: null,
  });
  expect((await list(ci)).json.data).toEqual([image]);
  const old = await byDefault.create("b");
  expect(Object.keys((await v2.call("GET", `/${old}`)).json)).toEqual([
    "object",
    "id",
    "name",
    "upload_status",
    "created_at",
    "sha256",
  ]);
});

test("a workspace may be named by its id", async () => {
  const { ci } = await three();
  const id = await ci.create("a");
  const { workspace_id: workspace } = (await ci.call("GET", `/${id}`)).json;
  expect(names(await ci.call("GET", `?workspace=${workspace!}`))).toEqual(["a"]);
  expectError(await ci.call("POST", "", { name: "a", workspace }), 409);
});

test("in preview an image may be named by its name, its resource path or an id of the older form", async () => {
  const { byDefault, ci } = await three();
  const id = await ci.upload("vm.img", [part]);
  const other = await byDefault.create("vm.img");
  const found = async (ref: string) => (await ci.call("GET", `/${ref}`)).json.id;
  expect(await found("vm.img")).toBe(other);
  expect(await found("sfc:image:mine:ci:vm.img")).toBe(id);
  expect(await found(encodeURIComponent("sfc:image:mine:ci:vm.img"))).toBe(id);
  expect(await found(id.replace("image_", "vmi_"))).toBe(id);
  for (const ref of ["vm", "sfc:image:mine:ci:vm.img@2", "sfc:image:private:default:vm.img", "%"]) {
    expectError(await ci.call("GET", `/${ref}`), 404);
  }
});

test("each call takes a resource path", async () => {
  const { ci } = await three();
  await ci.create("a");
  const path = encodeURIComponent("sfc:image:mine:ci:a");
  await ci.put(path, 1, part);
  expect((await ci.complete(path, sha256(part))).status).toBe(200);
  expect((await ci.download(path)).body.equals(part)).toBe(true);
  expect((await ci.call("POST", `/${path}/revoke`)).json.upload_status).toBe("revoked");
  expect((await ci.call("POST", `/${path}/reinstate`)).json.upload_status).toBe("completed");
  expect((await ci.call("DELETE", `/${path}`)).json).toMatchObject({ deleted: true, name: "a" });
  expectError(await ci.call("GET", `/${path}`), 404);
});

test("v2 knows an image by its id only, also one of the older form", async () => {
  const { v2 } = await three();
  const id = await v2.create("a");
  expect((await v2.call("GET", `/${id.replace("image_", "vmi_")}`)).json.id).toBe(id);
  expectError(await v2.call("GET", "/a"), 404);
  expectError(await v2.call("GET", "/sfc:image:mine:default:a"), 404);
  expectError(await v2.call("POST", `/${id}/revoke`), 404);
});

test("a revoked image is listed as such, and keeps its name and its bytes until it is reinstated", async () => {
  const { v2, byDefault } = await three();
  const id = await v2.upload("a", [part]);
  const revoked = await byDefault.call("POST", `/${id}/revoke`);
  expect(revoked.json).toMatchObject({ id, upload_status: "revoked", sha256: sha256(part) });
  expect((await v2.call("GET", "")).json.data).toMatchObject([{ id, upload_status: "revoked" }]);
  expectError(await v2.call("POST", "", { name: "a" }), 409);
  expectError(await v2.call("GET", `/${id}/download`), 409);
  expect((await byDefault.call("POST", `/${id}/reinstate`)).json.upload_status).toBe("completed");
  expect((await v2.download(id)).body.equals(part)).toBe(true);
});

test("in preview the server generates a different name each time if none is given", async () => {
  const { ci } = await three();
  const made = [{}, { name: null }].map(async (given) => {
    const { status, json } = await ci.call("POST", "", { ...given, workspace: ci.workspace });
    expect(status).toBe(201);
    expect(json.name).toMatch(imageNamePattern);
    return json.name;
  });
  expect(new Set(await Promise.all(made)).size).toBe(2);
});

test("a list of some ids has those of the workspace, in pages", async () => {
  const { byDefault, ci } = await three();
  const ids = [await ci.create("a"), await ci.create("b"), await ci.create("c")];
  const elsewhere = await byDefault.create("d");
  const asked = [ids[0]!, ids[2]!, elsewhere, "image_unknown"].map((id) => `&id=${id}`).join("");
  expect(names(await list(ci, asked))).toEqual(["c", "a"]);
  const first = await list(ci, `${asked}&limit=1`);
  expect([names(first), first.json.has_more]).toEqual([["c"], true]);
  const next = await list(ci, `${asked}&limit=1&starting_after=${first.json.cursor!}`);
  expect([names(next), next.json.has_more]).toEqual([["a"], false]);
});

test("the public workspace has the completed images of all public accounts, newest first", async () => {
  const { ci, v2 } = await three();
  const base = v2.as("public-token").inPreview(pathOf("public", "base"));
  await base.upload("first", [part]);
  await v2.as("public-token").upload("second", [part]);
  await base.create("open");
  const revoked = await base.upload("revoked", [part]);
  await base.call("POST", `/${revoked}/revoke`);
  const publicList = await ci.call("GET", "?workspace=sfc:workspace:sfcompute:public");
  expect(names(publicList)).toEqual(["second", "first"]);
  expect(publicList.json.data[0]).toMatchObject({ owner: "public", is_public: true });
  expect(names(await ci.call("GET", `?workspace=${base.workspace!}`))).toEqual(["first"]);
  expect((await ci.download("sfc:image:public:base:first")).body.equals(part)).toBe(true);
});

test("GET /v1/account/me tells the account of the token, and nothing without one", async () => {
  const { url } = await serve({ accounts });
  const me = (headers = {}) => request(`${url}/v1/account/me`, { headers });
  const reply = await me({ Authorization: "Bearer private-token" });
  expect([reply.status, reply.json]).toEqual([200, { object: "account", id: "private" }]);
  expectError(await me(), 401);
});

describe("an invalid workspace is a 400 or 403 that says what is wrong", () => {
  const server = serveAll({ accounts });
  const own = /sfc:workspace:mine:default\.$/;

  test.each([
    ["none", undefined, 400, "required"],
    ["an empty one", "", 400, "required"],
    ["no workspace's text", "ci", 400, "invalid"],
    ["one that is not there", pathOf("mine", "nope"), 400, "unknown"],
    ["an id that is not there", "wksp_nope", 400, "unknown"],
    ["another's private one", pathOf("private", "default"), 400, "unknown"],
  ])("%s", async (_, workspace, status, code) => {
    const client = server().inPreview("");
    const query = workspace === undefined ? "" : `?workspace=${workspace}`;
    for (const reply of [
      await client.call("GET", query),
      await client.call("POST", "", { name: "a", workspace }),
    ]) {
      expectError(reply, status);
      const { details, message } = reply.json.error;
      expect(details?.[0]).toMatchObject({ field: "workspace", code });
      expect(message).toMatch(own);
    }
  });

  test.each([pathOf("public", "default"), "sfc:workspace:sfcompute:public"])(
    "another's public one, to create in: %s",
    async (workspace) => {
      expectError(await server().inPreview("").call("POST", "", { name: "a", workspace }), 403);
    },
  );

  test("any, to v2", async () => {
    const workspace = pathOf("mine", "default");
    expectError(await server().call("POST", "", { name: "a", workspace }), 400);
  });
});

describe("a query parameter that a call does not have is a 400 that names it", () => {
  const server = serveAll({ accounts });
  const workspace = pathOf("mine", "default");

  test.each([
    ["v2", "", "id=image_a", "id"],
    ["v2", "", `workspace=${workspace}`, "workspace"],
    ["v2", "", "status=completed", "status"],
    ["v2", "", "limit=1&limit=2", "limit"],
    ["v2", "/image_a", "workspace=a", "workspace"],
    ["preview", "", `workspace=${workspace}&include_deleted=true`, "include_deleted"],
    ["preview", "", `workspace=${workspace}&workspace=${workspace}`, "workspace"],
    ["preview", "", `workspace=${workspace}&id=a`, "id"],
    ["preview", "/image_a/download", "id=image_a", "id"],
  ])("%s %s?%s", async (version, path, query, field) => {
    const client = version === "v2" ? server() : server().inPreview(workspace);
    const reply = await client.call("GET", `${path}?${query}`);
    expectError(reply, 400);
    expect(reply.json.error.details?.[0]?.field).toBe(field);
    expect(reply.json.error.message).toContain(field);
  });
});
