import { SfcCore } from "@img/core/core.js";
import { beforeEach, describe, expect, test } from "vitest";
import { readJournal } from "./journal/read-journal.js";
import { MiB } from "./plan.js";
import { sha256Of } from "./testing/fake-service.js";
import { answerLost } from "./testing/faults.js";
import { seededBytes } from "./testing/memory-ports.js";
import { stopAfterFirstPart } from "./testing/one-upload.js";
import { Rig } from "./testing/rig.js";
import { expectWholeTarget } from "./testing/whole-target.js";
import { workspaceOf } from "./workspace.js";

const bytes = seededBytes(10 * MiB + 3);
const lab = "sfc:workspace:acc_1:lab";
const other = "wksp_other";
const preview = { apiVersion: "preview" } as const;
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
  rig.target = { ...preview, workspace: lab };
});

/** What the calls of the lists and of the creation named, in order. */
const workspacesAsked = (): (string | null)[] =>
  rig.service.asked.flatMap(({ operation, workspace }) =>
    ["list", "start"].includes(operation) ? [workspace] : [],
  );
const imagesIn = (workspace: string | null) =>
  [...rig.service.images.values()].filter((image) => image.workspace === workspace);

describe("the workspace of a call", () => {
  const client = new SfcCore({ ...preview, workspace: lab });

  test("is its own, or else its client's, or else none", () => {
    expect(workspaceOf(client, other)).toBe(other);
    expect(workspaceOf(client, undefined)).toBe(lab);
    expect(workspaceOf(new SfcCore(preview), undefined)).toBeNull();
    expect(workspaceOf(new SfcCore(), undefined)).toBeNull();
  });

  test.each(["", "lab", "wksp_", `wksp_${"a".repeat(22)}`, "sfc:workspace:a", "sfc:image:a:b:c"])(
    "that is none is an error: %j",
    (given) => {
      expect(() => workspaceOf(client, given)).toThrow(/^workspace must be a workspace: "wksp_"/);
    },
  );

  test("with v2 is an error", () => {
    expect(() => workspaceOf(new SfcCore(), other)).toThrow(
      'workspace must be left out with apiVersion "v2", which has none, but is "wksp_other".',
    );
  });
});

describe("a workspace that cannot be used is an error before anything is sent:", () => {
  const refused = { code: "INVALID_OPTION", option: "workspace" };
  const given = [
    ["a name", preview, "lab"],
    ["an id with v2", {}, other],
    ["a path with v2", {}, lab],
  ] as const;

  test.each(given)("%s", async (_, target, workspace) => {
    rig.target = target;
    await expect(rig.upload({ workspace })).rejects.toMatchObject(refused);
    await expect(rig.uploadStream({ workspace })).rejects.toMatchObject(refused);
    await expect(rig.download("disk", { workspace })).rejects.toMatchObject(refused);
    expect(rig.service.calls).toEqual([]);
    expect(await rig.journals.list()).toEqual([]);
  });
});

describe("an upload to a workspace", () => {
  test("asks in the client's, and its image is there", async () => {
    await rig.upload();
    expect(new Set(workspacesAsked())).toEqual(new Set([lab]));
    expect(imagesIn(lab)).toHaveLength(1);
  });

  test("asks in its own where it names one", async () => {
    await rig.upload({ workspace: other });
    expect(new Set(workspacesAsked())).toEqual(new Set([other]));
    expect(imagesIn(other)).toHaveLength(1);
  });

  test("is kept in a journal of its own, which resumes it there", async () => {
    await stopAfterFirstPart(rig);
    await rig.upload({ workspace: other });
    const states = (await rig.journals.list()).map(({ key, contents }) => ({
      workspace: key.workspace,
      ...readJournal(contents),
    }));
    expect(states).toMatchObject([
      { workspace: lab, at: "started", begin: { workspace: lab } },
      { workspace: other, at: "completed", begin: { workspace: other } },
    ]);

    expect(await rig.upload({ workspace: other })).toMatchObject({ sentBytes: 0 });
    expect(await rig.upload()).toMatchObject({ resumed: true, sentBytes: bytes.length - 5 * MiB });
    expect([lab, other].map((each) => imagesIn(each).length)).toEqual([1, 1]);
  });

  test("takes the name that an image of another workspace has", async () => {
    rig.service.add("disk", "completed", bytes, other);
    await rig.upload();
    expect(imagesIn(lab)).toHaveLength(1);
  });

  test("of a stream goes there, too", async () => {
    await rig.uploadStream({ workspace: other });
    expect(imagesIn(other)).toHaveLength(1);
  });

  // fault A15
  test("without one says what to set where the service requires it", async () => {
    rig.target = preview;
    await expect(rig.upload()).rejects.toMatchObject({
      code: "API_REFUSED",
      cause: { code: "WORKSPACE_REQUIRED" },
      message: expect.stringMatching(/workspace/) as string,
    });
  });
});

describe("an image is found by its name", () => {
  const found = { imageId: "image_1", uploadStatus: "started" };

  test("with one call, by its resource path, where the workspace is a path", async () => {
    rig.service.add("disk", "started", bytes, lab);
    await expect(rig.upload()).rejects.toMatchObject(found);
    expect(rig.service.calls).toEqual(["list", "start", "get"]); // the list is for the server's time
    expect(rig.service.asked.at(-1)).toMatchObject({ image: "sfc:image:acc_1:lab:disk" });
  });

  test.each([
    ["the workspace is an id", { ...preview, workspace: other }, other],
    ["the service has none", {}, null],
  ])("in the list, 200 a page, where %s", async (_, target, workspace) => {
    rig.target = target;
    rig.service.add("disk", "started", bytes, workspace);
    await expect(rig.upload()).rejects.toMatchObject(found);
    expect(rig.service.calls).toEqual(["list", "start", "list"]);
    expect(rig.service.asked.at(-1)).toMatchObject({ workspace, limit: "200" });
  });

  test("in its workspace, by a download", async () => {
    rig.service.add("disk", "completed", seededBytes(7), other);
    rig.service.add("disk", "completed", bytes, lab);
    await rig.download("disk");
    expectWholeTarget(rig);
  });

  test("by a download of its resource path, whatever its workspace", async () => {
    rig.service.add("disk", "completed", bytes, lab);
    rig.target = { ...preview, workspace: other };
    await rig.download("sfc:image:acc_1:lab:disk");
    expectWholeTarget(rig);
  });

  test("not by a path that no image has", async () => {
    await expect(rig.download("sfc:image:acc_1:lab:disk")).rejects.toMatchObject({
      code: "IMAGE_NOT_FOUND",
    });
  });
});

describe.each([lab, other])("a service whose names have versions, workspace %s", (workspace) => {
  beforeEach(() => {
    rig.service.hasVersions = true;
    rig.target = { ...preview, workspace };
  });

  // fault A16
  test("has one more after an upload, and the former one as it was", async () => {
    const former = rig.service.add("disk", "completed", seededBytes(7), workspace);
    const { image } = await rig.upload();
    expect(imagesIn(workspace)).toHaveLength(2);
    expect(former.bytes).toEqual(seededBytes(7));
    expect(image.id).not.toBe(former.wire.id);
  });

  // fault A16
  test("an answer to create that was lost: the version that it made is adopted, and read back", async () => {
    rig.service.add("disk", "completed", seededBytes(7), workspace);
    rig.service.faults.start.push(answerLost);
    const { image } = await rig.upload();
    expect(imagesIn(workspace)).toHaveLength(2);
    expect(sha256Of(rig.service.images.get(image.id)!.bytes)).toBe(sha256Of(bytes));
    expect(rig.service.calls).toContain("downloadUrl");
  });
});

describe("a name that is taken by the image of an unfinished upload that is known", () => {
  const elsewhere = "https://other.test";

  test("under another server's URL: it says so, and resumes it only if that is given", async () => {
    await stopAfterFirstPart(rig);
    const here = rig.target;
    rig.target = { ...here, serverURL: elsewhere };
    await expect(rig.upload()).rejects.toMatchObject({
      code: "NAME_TAKEN",
      knownAs: { server: "https://api.test", workspace: lab },
      message: expect.stringContaining(
        `An unfinished upload of this image is known for https://api.test, workspace ${lab}; to resume it, pass --server https://api.test, --workspace ${lab}.`,
      ) as string,
    });
    expect(rig.service.arrived).toEqual([1]);
    rig.target = here;
    expect(await rig.upload()).toMatchObject({ resumed: true });
  });

  test("without a workspace, as an older version kept it: it says so", async () => {
    rig.target = {};
    await stopAfterFirstPart(rig);
    const [image] = rig.service.images.values();
    Object.assign(image!, { workspace: lab }); // what v2 makes is in the account's default one
    rig.target = { ...preview, workspace: lab };
    await expect(rig.upload()).rejects.toMatchObject({
      knownAs: { workspace: null },
      message: expect.stringContaining("https://api.test, without a workspace.") as string,
    });
  });

  test("of other images nothing is said", async () => {
    await stopAfterFirstPart(rig);
    rig.service.add("disk", "started", bytes, other);
    await expect(rig.upload({ workspace: other })).rejects.toMatchObject({ knownAs: null });
  });
});
