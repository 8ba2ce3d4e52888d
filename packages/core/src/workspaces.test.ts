import { describe, expect, test } from "vitest";
import { Sfc, type SDKOptions } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { accountMe } from "@img/core/funcs/account-me.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import { imagesReinstate } from "@img/core/funcs/images-reinstate.js";
import { imagesRevoke } from "@img/core/funcs/images-revoke.js";
import { imagesStartUpload } from "@img/core/funcs/images-start-upload.js";
import { imagesUploadPart } from "@img/core/funcs/images-upload-part.js";
import * as errors from "@img/core/models/errors";
import { recording } from "./testing/recording.js";

const preview = { apiVersion: "preview" } as const;
const mine = "sfc:workspace:acc_1:default";
const other = "wksp_other";
const wireImage = {
  object: "image",
  id: "image_1",
  name: "disk",
  upload_status: "started",
  created_at: 1,
};
const page = { object: "list", has_more: false, data: [] };

describe("a client", () => {
  test("speaks v2, without a workspace, unless told otherwise", () => {
    const client = new SfcCore();
    expect([client.apiVersion, client.workspace]).toEqual(["v2", undefined]);
  });

  test("tells which version and workspace it was made with, and shows them in no print", () => {
    const client = new Sfc({ ...preview, workspace: mine });
    expect([client.apiVersion, client.workspace]).toEqual(["preview", mine]);
    expect(Object.keys(client)).toEqual([]);
  });

  test.each(["wksp_1", "wksp_-_azAZ09", `wksp_${"a".repeat(21)}`, mine, "sfc:workspace:a.b:c_d-e"])(
    "takes the workspace %s",
    (workspace) => {
      expect(new SfcCore({ ...preview, workspace }).workspace).toBe(workspace);
    },
  );

  const odd = ["", "default", "wksp_", `wksp_${"a".repeat(22)}`, "wksp_1/..", "sfc:workspace:a"];
  test.each([
    ...odd,
    "sfc:workspace::b",
    "sfc:workspace:a:b:c",
    "sfc:image:a:b:c",
    "sfc:workspace:a:b ",
    null,
    5,
  ])("refuses the workspace %j when it is made", (workspace) => {
    const make = () => new SfcCore({ ...preview, workspace: workspace as string });
    expect(make).toThrow(errors.SDKValidationError);
    expect(make).toThrow(/^Input validation failed: workspace: expected "wksp_" and 1 to 21 of/);
  });

  test("refuses a workspace with v2 when it is made", () => {
    const options: SDKOptions[] = [{ workspace: mine }, { apiVersion: "v2", workspace: mine }];
    for (const given of options) {
      expect(() => new SfcCore(given)).toThrow(errors.SDKValidationError);
      expect(() => new SfcCore(given)).toThrow(
        'workspace: expected nothing (only apiVersion "preview" has it)',
      );
    }
  });

  test.each(["v1", "v3", "", null, 2])("refuses the version %j when it is made", (apiVersion) => {
    const make = () => new SfcCore({ apiVersion: apiVersion as "v2" });
    if (apiVersion === null) expect(make).toThrow("got null");
    else expect(make).toThrow('apiVersion: expected "v2" or "preview"');
  });
});

describe("in preview", () => {
  test("list and startUpload go to the client's workspace, or to the call's own", async () => {
    const { core, sent } = recording(page, { ...preview, workspace: mine });
    await imagesList(core, { limit: 5 });
    await imagesList(core, { workspace: other });
    await imagesStartUpload(core, { name: "disk" });
    await imagesStartUpload(core, { name: "disk", workspace: other });
    expect(sent).toEqual([
      "GET /preview/v2/images?limit=5&workspace=sfc%3Aworkspace%3Aacc_1%3Adefault",
      "GET /preview/v2/images?workspace=wksp_other",
      `POST /preview/v2/images {"name":"disk","workspace":"${mine}"}`,
      'POST /preview/v2/images {"name":"disk","workspace":"wksp_other"}',
    ]);
  });

  test("a later page is of the same workspace and ids", async () => {
    const first = { ...page, has_more: true, cursor: "imagec_1" };
    const { core, sent } = recording(first, preview);
    const listed = await imagesList(core, { workspace: other, id: ["image_1", "vmi_2"] });
    await listed.next();
    expect(sent).toEqual([
      "GET /preview/v2/images?workspace=wksp_other&id=image_1&id=vmi_2",
      "GET /preview/v2/images?starting_after=imagec_1&workspace=wksp_other&id=image_1&id=vmi_2",
    ]);
  });

  test.each([undefined, null])("a name of %s lets the service make one", async (name) => {
    const { core, sent } = recording(wireImage, { ...preview, workspace: "wksp_1" }, 201);
    expect((await imagesStartUpload(core, { name })).value?.name).toBe("disk");
    expect(sent).toEqual([
      `POST /preview/v2/images {${name === null ? '"name":null,' : ""}"workspace":"wksp_1"}`,
    ]);
  });

  test.each([
    [{ id: [] }, "id: expected at least one id, got an empty array"],
    [{ id: ["disk"] }, 'id[0]: expected "image_" and 1 to 21 of [0-9A-Za-z_-], got "disk"'],
    [{ id: "image_1" }, 'id: expected an array, got "image_1"'],
    [{ workspace: "default" }, 'workspace: expected "wksp_" and 1 to 21 of'],
    [
      { includeDeleted: false },
      'includeDeleted: expected nothing (only apiVersion "v2" has it), got false',
    ],
  ])("a list of %j is an SDKValidationError before a byte is sent", async (request, why) => {
    const { core, sent } = recording(page, preview);
    const { error } = await imagesList(core, request as object);
    expect(error).toBeInstanceOf(errors.SDKValidationError);
    expect(error?.message).toContain(why);
    expect(sent).toEqual([]);
  });

  test("revoke and reinstate send no body", async () => {
    const { core, sent } = recording(wireImage, preview);
    await imagesRevoke(core, { id: "image_1" });
    await imagesReinstate(core, { id: "disk" });
    expect(sent).toEqual([
      "POST /preview/v2/images/image_1/revoke",
      "POST /preview/v2/images/disk/reinstate",
    ]);
  });
});

describe("in v2, what only preview has is an SDKValidationError before a byte is sent:", () => {
  const { core, sent } = recording(page);

  test.each([
    ["a workspace to list", imagesList(core, { workspace: mine })],
    ["ids to list", imagesList(core, { id: ["image_1"] })],
    ["a workspace to create in", imagesStartUpload(core, { name: "disk", workspace: mine })],
    ["revoke", imagesRevoke(core, { id: "image_1" })],
    ["reinstate", imagesReinstate(core, { id: "image_1" })],
  ])("%s", async (_, calling) => {
    const { error } = await calling;
    expect(error).toBeInstanceOf(errors.SDKValidationError);
    expect(error?.message).toContain("preview");
    expect(sent).toEqual([]);
  });

  test.each([undefined, null])("a name of %s", async (name) => {
    const { error } = await imagesStartUpload(core, { name });
    expect(error).toBeInstanceOf(errors.SDKValidationError);
    expect(sent).toEqual([]);
  });
});

describe("a 400 about a workspace, from a client that named none, says what to set:", () => {
  const refusal = (message: string, details: object[] = []) => ({
    error: { type: "invalid_request_error", message, details },
  });
  const byDetails = refusal("Invalid request", [
    { field: "workspace", code: "required", message: "is missing" },
  ]);

  test.each([
    ["in its details", byDetails],
    ["in its message", refusal("missing field `workspace`")],
    ["in a detail's message", refusal("no", [{ code: "x", message: "Workspace is required" }])],
  ])("%s", async (_, body) => {
    for (const options of [{}, preview]) {
      const { core } = recording(body, options, 400);
      for (const calling of [imagesList(core), imagesStartUpload(core, { name: "disk" })]) {
        const { error } = await calling;
        expect(error).toBeInstanceOf(errors.WorkspaceRequiredError);
        expect(error).toBeInstanceOf(errors.BadRequestError);
        expect(error).toMatchObject({
          code: "WORKSPACE_REQUIRED",
          name: "WorkspaceRequiredError",
          statusCode: 400,
          data$: body,
        });
        for (const word of ["`workspace`", 'apiVersion: "preview"', "SFC_WORKSPACE", "--workspace"])
          expect(error?.message).toContain(word);
        expect(error?.message.endsWith(`The service answered: ${body.error.message}`)).toBe(true);
      }
    }
  });

  test("not where one was named, by the client or the call", async () => {
    const { core } = recording(byDetails, { ...preview, workspace: mine }, 400);
    const other = recording(byDetails, preview, 400).core;
    for (const calling of [
      imagesList(core),
      imagesStartUpload(core, { name: "disk" }),
      imagesList(other, { workspace: mine }),
    ]) {
      const { error } = await calling;
      expect(error).toMatchObject({ name: "BadRequestError", message: "Invalid request" });
    }
  });

  test("not where it is about something else, or the call takes none", async () => {
    const { core } = recording(refusal("name is too long"), preview, 400);
    expect((await imagesList(core)).error).toMatchObject({ name: "BadRequestError" });
    const full = recording(refusal("the workspace is full"), preview, 400).core;
    const { error } = await imagesUploadPart(full, { id: "image_1", body: { partId: 1 } });
    expect(error).toMatchObject({ name: "BadRequestError", message: "the workspace is full" });
  });
});

describe("the account of a token", () => {
  test.each([[{}], [preview]])("is asked for outside of the versions, as %j", async (options) => {
    const { core, sent } = recording({ id: "acc_1", email: "x" }, options);
    expect(await accountMe(core)).toEqual({ ok: true, value: { id: "acc_1" } });
    expect(sent).toEqual(["GET /v1/account/me"]);
  });

  test("is refused where its id would be no part of a path", async () => {
    const { error } = await accountMe(recording({ id: "a:b" }).core);
    expect(error).toBeInstanceOf(errors.ResponseValidationError);
  });

  test("may be unknown to the service", async () => {
    const missing = { error: { type: "not_found", message: "No such path" } };
    const { error } = await accountMe(recording(missing, {}, 404).core);
    expect(error).toBeInstanceOf(errors.NotFoundError);
  });
});

describe("an image in preview", () => {
  const nulls = { resource_path: null, owner: null, workspace: null, workspace_id: null };

  test("needs none of the fields that v2 does not have, and takes null for them", async () => {
    const answer = { ...wireImage, ...nulls, is_public: null, version: null, deprecated_at: 17 };
    const bare = await imagesFetch(recording(wireImage, preview).core, { id: "image_1" });
    const { value } = await imagesFetch(recording(answer, preview).core, { id: "image_1" });
    expect(value).toEqual({ ...bare.value, deprecatedAt: 17 });
  });

  test.each([
    [{ version: -1 }, "version: expected a whole number"],
    [{ is_public: "no" }, "is_public: expected true or false"],
    [{ resource_path: {} }, "resource_path: expected text"],
    [{ deprecated_at: "1" }, "deprecated_at: expected Unix seconds"],
  ])("with %j is a ResponseValidationError", async (odd, why) => {
    const { core } = recording({ ...wireImage, ...odd }, preview);
    const { error } = await imagesFetch(core, { id: "image_1" });
    expect(error).toBeInstanceOf(errors.ResponseValidationError);
    expect(error?.message).toContain(why);
  });
});
