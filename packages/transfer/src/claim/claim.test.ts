import { beforeEach, describe, expect, test } from "vitest";
import { apiTimeoutMs } from "../service/ask.js";
import { sha256Of, type ApiFault, type StoredImage } from "../testing/fake-service.js";
import {
  answered,
  answerLost,
  answerReplaced,
  answerTooLate,
  storeAnswers,
  unreachable,
} from "../testing/faults.js";
import { seededBytes } from "../testing/memory-ports.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(1_000);
const sha256 = sha256Of(bytes);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

const previewOf = (workspace: string) => ({ apiVersion: "preview", workspace }) as const;
const images = (): StoredImage[] => [...rig.service.images.values()];
const downloadsOf = (rig: Rig): number =>
  rig.service.calls.filter((call) => call === "downloadUrl").length;

function expectOneCompleteImage(): void {
  expect(images()).toHaveLength(1);
  expect(images()[0]!.wire).toMatchObject({ upload_status: "completed", sha256 });
  expect(sha256Of(images()[0]!.bytes)).toBe(sha256);
}

/** A run that ends after the image was created, and before its part has arrived. */
async function stopOnceStarted(): Promise<StoredImage> {
  rig.service.faults.put.push(storeAnswers(400, "Nonsense"));
  await expect(rig.upload()).rejects.toMatchObject({ code: "PART_REFUSED" });
  return images()[0]!;
}

const targets: [string, { apiVersion?: "preview"; workspace?: string }][] = [
  ["v2", {}],
  ["preview, in a workspace that is a path", previewOf("sfc:workspace:acc_1:lab")],
  ["preview, in a workspace that is an id", previewOf("wksp_1")],
];

describe.each(targets)("%s:", (_, target) => {
  beforeEach(() => {
    rig.target = target;
    rig.service.home = target.workspace ?? null;
  });

  describe("an answer to create that was lost", () => {
    const lost: [string, ApiFault][] = [
      ["a reset", answerLost],
      ["a timeout", answerTooLate],
      ["a 502", answerReplaced(502)],
      ["a 504", answerReplaced(504)],
      ["a 201 that cannot be read", answerReplaced(201)],
      ["a 201 with another content", (answer) => (answer(), Response.json({}, { status: 201 }))],
    ];

    test.each(lost)("by %s: the image is found, adopted, and read back", async (_, fault) => {
      rig.service.faults.start.push(fault);

      await rig.upload();

      expect(rig.service.calls.filter((call) => call === "start")).toHaveLength(1);
      expect(downloadsOf(rig)).toBe(1);
      expectOneCompleteImage();
    });

    const failed: [string, ApiFault][] = [
      ["a refused connection", unreachable],
      ["a 502", answered(502)],
      ["a 503", answered(503, { "retry-after": "1" })],
      ["a 429", answered(429)],
    ];

    test.each(failed)("by %s, with no image made: it is created once more", async (_, fault) => {
      rig.service.faults.start.push(fault);

      await rig.upload();

      expect(rig.service.calls.filter((call) => call === "start")).toHaveLength(2);
      expect(downloadsOf(rig)).toBe(0);
      expectOneCompleteImage();
    });

    test("with the process: the next run adopts the image", async () => {
      const stop = new AbortController();
      rig.service.faults.start.push((answer) => {
        answer();
        stop.abort(new Error("killed"));
        return answered(502)(answer);
      });
      await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");

      await rig.upload();

      expect(downloadsOf(rig)).toBe(1);
      expectOneCompleteImage();
    });

    test("and somebody else has the name by then: theirs is not touched", async () => {
      rig.service.faults.start.push(answered(502));
      rig.service.faults.list.push((answer) => {
        const theirs = rig.service.add("disk", "uploading");
        theirs.wire.created_at += apiTimeoutMs / 1000;
        return answer();
      });
      await expect(rig.upload()).rejects.toMatchObject({
        code: "NAME_TAKEN",
        uploadStatus: "uploading",
      });

      expect(images()).toHaveLength(1);
      expect(rig.service.arrived).toEqual([]);
    });

    test("long after: an image made later than the call could have made it is not ours", async () => {
      const stop = new AbortController();
      rig.service.faults.start.push(() => {
        stop.abort(new Error("killed"));
        throw new Error("killed");
      });
      await expect(rig.upload({ signal: stop.signal })).rejects.toThrow("killed");
      await rig.clock.advance(apiTimeoutMs + 3_000);
      rig.service.add("disk", "started");

      await expect(rig.upload()).rejects.toMatchObject({ code: "NAME_TAKEN" });
    });
  });

  describe("a token that is refused", () => {
    test("does not make an image ours that somebody else created meanwhile", async () => {
      rig.service.faults.start.push(() => {
        rig.service.add("disk", "started");
        return rig.service.refuse(401);
      });

      await expect(rig.upload()).rejects.toMatchObject({ code: "NAME_TAKEN" });

      expect(rig.service.arrived).toEqual([]);
    });
  });

  describe("a name that is taken", () => {
    test.each(["started", "uploading", "completed", "failed", "archived"])(
      "by an image that is %s: it says so and touches nothing",
      async (status) => {
        const theirs = rig.service.add("disk", status, bytes);

        await expect(rig.upload()).rejects.toMatchObject({
          code: "NAME_TAKEN",
          imageId: theirs.wire.id,
          uploadStatus: status,
        });

        expect(rig.service.calls).not.toContain("delete");
      },
    );

    test("by an image that is gone when it is looked at: the name is tried again", async () => {
      rig.service.faults.start.push(() => rig.service.refuse(409));

      await rig.upload();

      expectOneCompleteImage();
    });

    test("by an image that nobody can see: it ends after a few tries", async () => {
      rig.service.faults.start.push(
        ...Array.from({ length: 9 }, () => () => rig.service.refuse(409)),
      );

      await expect(rig.upload()).rejects.toMatchObject({ code: "NAME_TAKEN", imageId: null });
    });

    test.each(["started", "uploading", "failed"])(
      "by an image that is %s: replace-unfinished deletes it",
      async (status) => {
        const theirs = rig.service.add("disk", status);

        await rig.upload({ ifNameTaken: "replace-unfinished" });

        expect(rig.service.images.has(theirs.wire.id)).toBe(false);
        expectOneCompleteImage();
      },
    );

    test.each(["completed", "archived"])(
      "by an image that is %s: replace-unfinished leaves it alone",
      async (status) => {
        rig.service.add("disk", status, bytes);

        const uploading = rig.upload({ ifNameTaken: "replace-unfinished" });

        await expect(uploading).rejects.toMatchObject({ code: "NAME_TAKEN" });
        expect(rig.service.calls).not.toContain("delete");
      },
    );

    test("still, after the image was deleted: replace-unfinished does not storm the service", async () => {
      rig.service.add("disk", "started");
      rig.service.faults.delete.push(
        ...Array.from(
          { length: 99 },
          () => () => rig.service.json(200, { object: "image", deleted: true, name: "disk" }),
        ),
      );

      const uploading = rig.upload({ ifNameTaken: "replace-unfinished" });

      await expect(uploading).rejects.toMatchObject({ code: "NAME_TAKEN" });
      expect(rig.service.calls.filter((call) => call === "start").length).toBeLessThan(9);
    });

    test("by a complete image with our digest: verify is success, and nothing is sent", async () => {
      const theirs = rig.service.add("disk", "completed", bytes);

      const result = await rig.upload({ ifNameTaken: "verify" });

      expect(result).toMatchObject({ sentBytes: 0, sha256, image: { id: theirs.wire.id } });
      expect(rig.service.arrived).toEqual([]);
      expect(await rig.journals.list()).toEqual([]);
    });

    test.each([
      ["completed", seededBytes(1_000, 2)],
      ["uploading", bytes],
    ])("by an image that is %s and not ours: verify says so", async (status, content) => {
      rig.service.add("disk", status, content);

      const uploading = rig.upload({ ifNameTaken: "verify" });

      await expect(uploading).rejects.toMatchObject({ code: "NAME_TAKEN" });
    });
  });

  describe("a refusal to create", () => {
    test.each([400, 403])("with %i ends the upload", async (status) => {
      rig.service.faults.start.push(() => rig.service.refuse(status));

      await expect(rig.upload()).rejects.toMatchObject({ code: "API_REFUSED" });

      expect(rig.service.calls.filter((call) => call === "start")).toHaveLength(1);
    });
  });

  describe("an image from an earlier run", () => {
    test("that is gone ends the upload", async () => {
      const { wire } = await stopOnceStarted();
      rig.service.images.clear();

      await expect(rig.upload()).rejects.toMatchObject({ code: "IMAGE_GONE", imageId: wire.id });
    });

    test("that failed ends the upload", async () => {
      const image = await stopOnceStarted();
      image.wire.upload_status = "failed";

      await expect(rig.upload()).rejects.toMatchObject({ code: "IMAGE_FAILED" });
    });

    test.each(["gone", "failed"])(
      "that is %s is made again where the caller said so",
      async (how) => {
        const image = await stopOnceStarted();
        if (how === "gone") rig.service.images.clear();
        else image.wire.upload_status = "failed";

        await rig.upload({ ifImageGone: "restart" });

        expect(images()[0]!.wire.id).not.toBe(image.wire.id);
        expectOneCompleteImage();
      },
    );

    test("that another client completed is theirs now", async () => {
      const image = await stopOnceStarted();
      image.wire.upload_status = "completed";

      await expect(rig.upload({ ifImageGone: "restart" })).rejects.toMatchObject({
        code: "NAME_TAKEN",
      });
    });

    test("whose status is unknown is resumed", async () => {
      const image = await stopOnceStarted();
      rig.service.faults.get.push(() =>
        rig.service.json(200, { ...image.wire, upload_status: "half-way" }),
      );

      await rig.upload();

      expectOneCompleteImage();
    });
  });

  describe("another source under the same name", () => {
    const other = seededBytes(1_001, 3);

    test("of another size ends the upload", async () => {
      await stopOnceStarted();
      rig.source.bytes = other;

      await expect(rig.upload()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });

      expect(rig.service.calls).not.toContain("complete");
    });

    test("of another size starts over where the caller said so, without the former image", async () => {
      const { wire } = await stopOnceStarted();
      rig.source.bytes = other;

      await rig.upload({ ifSourceChanged: "restart" });

      expect(images().map((image) => sha256Of(image.bytes))).toEqual([sha256Of(other)]);
      expect(images()[0]!.wire.id).not.toBe(wire.id);
    });

    test.each(["completed", "archived"])(
      "does not delete the former image once it is %s",
      async (status) => {
        const image = await stopOnceStarted();
        image.wire.upload_status = status;
        rig.source.bytes = other;

        const uploading = rig.upload({ ifSourceChanged: "restart" });

        await expect(uploading).rejects.toMatchObject({ code: "NAME_TAKEN" });
        expect(rig.service.images.has(image.wire.id)).toBe(true);
      },
    );

    test("whose former image is gone already starts over", async () => {
      await stopOnceStarted();
      rig.service.images.clear();
      rig.source.bytes = other;

      await rig.upload({ ifSourceChanged: "restart" });

      expect(images().map((image) => sha256Of(image.bytes))).toEqual([sha256Of(other)]);
    });
  });
});
