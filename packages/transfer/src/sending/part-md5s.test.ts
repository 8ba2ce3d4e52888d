import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { planParts } from "../plan.js";
import { Loan } from "../run/buffers.js";
import { seededBytes } from "../testing/memory-ports.js";
import { PartMd5, PartMd5s } from "./part-md5s.js";

const bytes = seededBytes(10);
const hash = createHash("md5").update(bytes);
const hex = hash.copy().digest("hex");
const md5 = new PartMd5(hex);

test("the MD5 of a part is sent in base64", () => {
  expect(md5.header).toBe(hash.copy().digest("base64"));
});

test.each([`"${hex}"`, hex.toUpperCase(), `"${hex}-3"`, "", '"opaque"'])(
  "the ETag %s is no reason to doubt it",
  (etag) => {
    expect(md5.whyNot(etag)).toBeNull();
  },
);

test("an ETag that is another MD5 is one, and names both", () => {
  const other = "0".repeat(32);

  expect(md5.whyNot(`"${other}"`)).toContain(`its ETag ${other} is not the part's MD5 ${hex}`);
});

test("a part's buffer is held until its MD5 is made", async () => {
  const [part] = planParts(bytes.length, bytes.length);
  let isBack = false;
  const loan = new Loan(part!, bytes, () => (isBack = true));
  let made!: (hex: string) => void;
  const waiting = new Promise<string>((resolve) => (made = resolve));
  const md5s = new PartMd5s({ md5: () => waiting, close: () => Promise.resolve() });

  md5s.ahead(loan);
  loan.release();
  expect(isBack).toBe(false);
  made(hex);

  expect((await md5s.take(part!)).header).toBe(md5.header);
  expect(isBack).toBe(true);
});

test("the MD5 of a part that was not read ahead is a bug", async () => {
  const [part] = planParts(bytes.length, bytes.length);
  const md5s = new PartMd5s({ md5: () => Promise.resolve(hex), close: () => Promise.resolve() });

  await expect(md5s.take(part!)).rejects.toThrow("bug");
});
