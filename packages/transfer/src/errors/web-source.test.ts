import { expect, test } from "vitest";
import { SourceRefusedError, SourceUnreachableError } from "../errors.js";

test.each([
  [404, "Check the URL."],
  [410, "Check the URL."],
  [401, "If the URL has expired, try again with a new one: what has arrived is kept."],
  [403, "If the URL has expired, try again with a new one: what has arrived is kept."],
  [500, "Try again later: what has arrived is kept."],
])("a server that answers %i is refused with what to do about it", (status, advice) => {
  const error = new SourceRefusedError("https://files.example/disk.raw", status);

  expect(error).toMatchObject({ code: "SOURCE_REFUSED", status, advice });
  expect(error.what).toBe(
    `https://files.example/disk.raw cannot be read: the server answers ${status}.`,
  );
});

test("the reason of a refusal can be another one than the status", () => {
  const error = new SourceRefusedError("https://files.example/disk.raw", 200, "it is a web page");

  expect(error.what).toBe("https://files.example/disk.raw cannot be read: it is a web page.");
});

test("a server that cannot be reached is named, with the proxy between if there is one", () => {
  const direct = new SourceUnreachableError("files.example:8443", "ECONNREFUSED");
  const through = new SourceUnreachableError("files.example", "ETIMEDOUT", "http://proxy:3128");

  expect(direct.what).toBe(
    "The connection to the web server files.example:8443 ended: ECONNREFUSED.",
  );
  expect(through.what).toMatch(
    "files.example ended (through the proxy http://proxy:3128): ETIMEDOUT.",
  );
  expect(through).toMatchObject({ host: "files.example", reason: "ETIMEDOUT" });
});
