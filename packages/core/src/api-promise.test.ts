import { expect, test } from "vitest";
import { APIPromise, type APICall } from "@img/core/types/async.js";
import { unwrapAsync, ERR, OK, unwrap } from "@img/core/types/fp.js";
import { ImageUploadStatus } from "@img/core/models";

const call: APICall = { status: "invalid" };

test("awaits to the value alone, and inspects to both", async () => {
  const promise = new APIPromise<string>(["value", call]);
  expect(await promise).toBe("value");
  expect(await promise.$inspect()).toEqual(["value", call]);
  expect(Object.prototype.toString.call(promise)).toBe("[object APIPromise]");
});

test("can be caught and finished as any promise", async () => {
  const failure = new Error("a bug");
  const promise = new APIPromise<string>(Promise.reject(failure));
  const seen: unknown[] = [];
  await promise.catch((error: unknown) => seen.push(error));
  await promise.finally(() => seen.push("finally")).catch(() => {});
  await expect(promise).rejects.toBe(failure);
  expect(seen).toEqual([failure, "finally"]);
});

test("a result is unwrapped to its value, or thrown", async () => {
  const failure = new Error("no");
  expect(unwrap(OK(1))).toBe(1);
  expect(() => unwrap(ERR(failure))).toThrow(failure);
  await expect(unwrapAsync(Promise.resolve(ERR(failure)))).rejects.toBe(failure);
});

test("the known states of an image are those of the contract", () => {
  expect(Object.values(ImageUploadStatus)).toEqual([
    "started",
    "uploading",
    "completed",
    "failed",
    "revoked",
  ]);
});
