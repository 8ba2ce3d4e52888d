import { FormatDamagedError, NameTakenError } from "@img/browser-blob";
import { expect, test } from "vitest";
import { failureOf, sizeRefusal } from "./failure.js";

const GiB = 2 ** 30;

test("an empty file, or one with a disk over 128 GiB, offers no retry", () => {
  expect(sizeRefusal("disk.img", 0)).toMatchObject({ why: "disk.img is empty.", wayOut: "none" });
  expect(sizeRefusal("disk.qcow2", 128 * GiB + 1)).toMatchObject({
    why: "disk.qcow2 is too large: its disk has 128.1 GiB, and an image at most 128 GiB.",
    wayOut: "none",
  });
  expect(sizeRefusal("disk.img", 128 * GiB)).toBeNull();
});

test.each([
  ["completed", "The name disk.img is taken by another image.", "rename"],
  ["uploading", "The name disk.img is taken by an unfinished upload.", "rename or replace"],
])("for a name that a %s image has, the card offers ways out", (uploadStatus, why, wayOut) => {
  const error = new NameTakenError("disk.img", { id: "image_a", uploadStatus });
  expect(failureOf(error)).toEqual({ at: "failed", why, wayOut, takenName: "disk.img" });
});

test("a damaged disk image offers no retry", () => {
  const { wayOut } = failureOf(new FormatDamagedError("qcow2", "its header is cut off"));
  expect(wayOut).toBe("none");
});

test("any other failure offers a retry", () => {
  expect(failureOf(new Error("the tab was asleep"))).toEqual({
    at: "failed",
    why: "the tab was asleep",
    wayOut: "again",
  });
});
