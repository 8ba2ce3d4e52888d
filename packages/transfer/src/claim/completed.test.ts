import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { describeJournal } from "../unfinished.js";
import { server, sha256Of } from "../testing/fake-service.js";
import { seededBytes } from "../testing/memory-ports.js";
import { theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(1_000);
const sha256 = sha256Of(bytes);
const daySec = 86_400;
let rig: Rig;

beforeAll(async () => {
  await import("../fetching/passing-output.js"); // what loads takes no time of the manual clock
});

beforeEach(async () => {
  rig = new Rig(bytes);
  await rig.upload();
  rig.service.calls.length = 0;
  rig.service.arrived.length = 0;
});

async function journalsOf(name: string): Promise<readonly string[]> {
  const stored = await rig.journals.list();
  return stored.filter(({ key }) => key.name === name).map((one) => describeJournal(one).at);
}

// fault D60
describe("the same call after an upload was completed", () => {
  test("returns the same image, and sends nothing", async () => {
    const { id } = theImage(rig).wire;

    const result = await rig.upload();

    expect(result).toMatchObject({ image: { id }, sha256, sentBytes: 0, resumed: true });
    expect(rig.service.calls).toEqual(["get"]);
    expect(await journalsOf("disk")).toEqual(["completed"]);
  });

  test("returns the same image where the service tells no digest", async () => {
    rig.service.tellsSha256 = false;

    expect(await rig.upload()).toMatchObject({ sentBytes: 0, sha256 });
  });

  test("of a file with other metadata reads it, and returns the same image", async () => {
    rig.source.identity = { mtime: "2" };
    const phases: string[] = [];

    const result = await rig.upload({ onProgress: ({ phase }) => phases.push(phase) });

    expect(result).toMatchObject({ sentBytes: 0, sha256 });
    expect(phases).toContain("rereading");
  });

  test("reads a file with other metadata once, and trusts the new metadata from then on", async () => {
    rig.source.identity = { mtime: "2" };
    await rig.upload();
    rig.source.read = () => Promise.reject(new Error("read again"));
    rig.openDigest = () => {
      throw new Error("hashed again");
    };

    expect(await rig.upload()).toMatchObject({ sentBytes: 0 });
  });

  test("of a file that was deleted on the service is a new upload", async () => {
    rig.service.images.clear();

    expect(await rig.upload()).toMatchObject({ sentBytes: 1_000, resumed: false });

    expect(theImage(rig).wire).toMatchObject({ upload_status: "completed", sha256 });
    expect(await journalsOf("disk")).toEqual(["completed"]);
  });

  test("with verify reads the image back", async () => {
    expect(await rig.upload({ verify: "download" })).toMatchObject({ verified: true });

    theImage(rig).bytes = seededBytes(1_000, 7);
    await expect(rig.upload({ verify: "download" })).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
    });
  });

  test("of a journal that a process was killed beside, a moment after the end, is no new upload", async () => {
    const kill = new Error("killed");
    rig = new Rig(bytes);
    rig.spy = {
      before: (call) => {
        if (/journal \d+\.close$/.test(call)) throw kill;
      },
      after: () => undefined,
    };
    await rig.upload().catch(() => undefined);
    rig.spy = { before: () => undefined, after: () => undefined };

    expect(await rig.upload({ force: true })).toMatchObject({ sentBytes: 0, sha256 });
  });
});

// fault D60
describe.each([
  ["size", seededBytes(999)],
  ["content", seededBytes(1_000, 3)],
])("a file of another %s, once the upload was completed", (_, other) => {
  beforeEach(() => {
    rig.source.bytes = other;
    rig.source.identity = { mtime: "2" };
  });

  test("is refused while the image is there, and the proof stays", async () => {
    const { id } = theImage(rig).wire;

    await expect(rig.upload({ ifSourceChanged: "restart" })).rejects.toMatchObject({
      code: "NAME_TAKEN",
      imageId: id,
      uploadStatus: "completed",
    });

    expect(rig.service.calls).toEqual(["get"]);
    rig.source.bytes = bytes;
    expect(await rig.upload()).toMatchObject({ image: { id }, sentBytes: 0 });
  });

  test("is a new upload once the image is gone", async () => {
    rig.service.images.clear();

    expect(await rig.upload()).toMatchObject({ sentBytes: other.length });
  });

  test("is a new upload where images have versions", async () => {
    const { wire } = theImage(rig);
    rig.service.faults.get.push(() => rig.service.json(200, { ...wire, version: 1 }));
    rig.service.faults.start.push((answer) => {
      rig.service.images.clear(); // the former version
      return answer();
    });

    expect(await rig.upload()).toMatchObject({ sentBytes: other.length });
  });
});

test("an image that was revoked is not returned as an upload", async () => {
  theImage(rig).wire.upload_status = "revoked";

  await expect(rig.upload()).rejects.toMatchObject({
    code: "NAME_TAKEN",
    uploadStatus: "revoked",
  });

  theImage(rig).wire.upload_status = "completed";
  expect(await rig.upload()).toMatchObject({ sentBytes: 0 });
});

describe("the proof of a completed upload", () => {
  test("is kept for seven days", async () => {
    await rig.clock.advance(7 * daySec * 1000 - 60_000);
    await rig.upload({}, "other");

    expect(await journalsOf("disk")).toEqual(["completed"]);
  });

  test("is deleted by the first upload after that", async () => {
    await rig.clock.advance(7 * daySec * 1000 + 60_000);
    await rig.upload({}, "other");

    expect(await journalsOf("disk")).toEqual([]);
    expect(await journalsOf("other")).toEqual(["completed"]);
  });

  test("is not deleted while another process has it", async () => {
    const key = { kind: "upload", server, workspace: null, name: "disk" } as const;
    const held = await rig.journals.open(key, { force: false });
    await rig.clock.advance(8 * daySec * 1000);

    await rig.upload({}, "other");

    expect(await journalsOf("disk")).toEqual(["completed"]);
    await held.close();
  });

  test("that cannot be deleted fails no upload", async () => {
    await rig.clock.advance(8 * daySec * 1000);
    rig.spy = {
      before: (call) => {
        if (/^journal \d+\.remove$|^journals\.list$/.test(call))
          throw new Error("the disk is gone");
      },
      after: () => undefined,
    };

    expect(await rig.upload({}, "other")).toMatchObject({ sentBytes: 1_000 });
  });
});
