import { describe, expect, test } from "vitest";
import { UnsafeUrlError } from "../errors.js";
import { checkPresignedUrl } from "./answers.js";

describe("a presigned URL", () => {
  test.each([
    ["https://store.test/1?sig=x", "https://api.test"],
    ["https://store.test/1?sig=x", "http://localhost"],
    ["http://localhost:9000/1?sig=x", "http://localhost"],
  ])("%s is followed from %s", (url, server) => {
    expect(() => checkPresignedUrl(url, server)).not.toThrow();
  });

  test.each([
    ["http: from https:", "http://store.test/1?sig=secret"],
    ["a file", "file:///etc/passwd?sig=secret"],
    ["user info", "https://secret@store.test/1"],
    ["a password", "https://:secret@store.test/1"],
    ["nonsense", "//secret"],
  ])("with %s is refused, and not repeated", (_, url) => {
    const check = (): void => checkPresignedUrl(url, "https://api.test");

    expect(check).toThrow(UnsafeUrlError);
    expect(check).not.toThrow(/secret|store\.test/);
  });
});
