import { expect, test } from "vitest";
import { joinParts } from "./join-parts.js";
import type { JoinedObject, Uploads } from "./uploads.js";

const part = { number: 1, bytes: 1, etag: '"a"', arrivedMs: 0 };
const joined: JoinedObject = { bytes: 1, etag: '"a-1"', joinedMs: 0 };

/** Makes a store with one part. It answers a join with `answer`, and then has the object or not. */
function storeThat(answer: Error | undefined, object: JoinedObject | undefined): Uploads {
  const store: Partial<Uploads> = {
    parts: async () => [part],
    join: async () => {
      if (answer) throw answer;
    },
    find: async () => object,
  };
  return store as Uploads;
}

const answered = (httpStatusCode: number, name: string) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

test.each([
  ["a part was sent again", answered(400, "InvalidPart")],
  ["the upload is over", answered(404, "NoSuchUpload")],
  ["the upload is over, as Ceph says it", answered(404, "NoSuchKey")],
  ["another server joins them just now, as Ceph says it", answered(500, "InternalError")],
  ["the store is busy", answered(503, "SlowDown")],
])("where %s, the image is to be looked at again", async (_, answer) => {
  expect(await joinParts(storeThat(answer, undefined), "a", "upload")).toBeUndefined();
});

test("an object that exists counts, whatever the answer was", async () => {
  const lost = new Error("socket hang up");
  expect(await joinParts(storeThat(lost, joined), "a", "upload")).toEqual(joined);
  expect(await joinParts(storeThat(undefined, joined), "a", "upload")).toEqual(joined);
});

test("a missing bucket is not reported as an upload that has ended", async () => {
  const gone = joinParts(storeThat(answered(404, "NoSuchBucket"), undefined), "a", "upload");
  await expect(gone).rejects.toThrow("NoSuchBucket");
});

test("parts of unequal sizes that a store does not join are told, one by one", async () => {
  const sizes = [5, 6, 5, 7].map((mebibytes) => mebibytes * 1024 ** 2);
  const parts = sizes.map((bytes, index) => ({ ...part, number: index + 1, bytes }));
  const store = { ...storeThat(answered(400, "InvalidPart"), undefined), parts: async () => parts };
  await expect(joinParts(store, "a", "upload")).rejects.toMatchObject({
    details: [
      { field: "parts.2", code: "part_size_differs" },
      { field: "parts.4", code: "part_size_differs" },
    ],
  });
});

test("any other refusal is reported", async () => {
  const refused = joinParts(storeThat(answered(403, "AccessDenied"), undefined), "a", "upload");
  await expect(refused).rejects.toThrow("AccessDenied");
});
