import { describe, expect, test } from "vitest";
import { innermostMessage, redactor } from "./redact.js";

const token = 'tok/with"and+more==';
const redact = redactor([token, "short"]);

test.each([
  ["see https://s.example.com/a?X=1&Y=2 now", "see https://s.example.com/a?[redacted] now"],
  ["https://s.example.com/a#frag", "https://s.example.com/a?[redacted]"],
  ["https://s.example.com/a", "https://s.example.com/a"],
  ["HTTPS://s.example.com?sig=1", "HTTPS://s.example.com?[redacted]"],
  ["https://me:pw@s.example.com/a", "https://[redacted]@s.example.com/a"],
  ["https://s.example.com/a@b", "https://s.example.com/a@b"],
  [
    String.raw`{"u":"https:\/\/s.example.com\/a?X=1\u0026Y=\/2"}`,
    String.raw`{"u":"https:\/\/s.example.com\/a?[redacted]"}`,
  ],
  [
    String.raw`{"m":"get \"https://s.example.com/a?X=1\" failed"}`,
    String.raw`{"m":"get \"https://s.example.com/a?[redacted]\" failed"}`,
  ],
  ["<a href='https://s.example.com/?x=1'>", "<a href='https://s.example.com/?[redacted]'>"],
  ["/part?X-Amz-Credential=a/b&X-Amz-Signature=c", "/part?X-Amz-Credential=[redacted]"],
  ["next=%2Fa%3FX-Amz-Signature%3Dabc", "next=%2Fa%3FX-Amz-Signature%3D[redacted]"],
  ["Authorization: bearer abc.def", "Authorization: bearer [redacted]"],
  [`got ${token}.`, "got [redacted]."],
  [JSON.stringify({ token }), '{"token":"[redacted]"}'],
  [JSON.stringify({ token }).replaceAll("/", "\\/"), '{"token":"[redacted]"}'],
  [`/v2?t=${encodeURIComponent(token)}&x=1`, "/v2?t=[redacted]&x=1"],
  ["a short story", "a short story"],
])("%s becomes %s", (given, expected) => {
  expect(redact(given)).toBe(expected);
});

test.each([
  ["https://".repeat(131_072)],
  ["https://a@".repeat(100_000)],
  ["https://a?".repeat(100_000)],
  ["X-Amz-".repeat(170_000)],
  ["Bearer ".repeat(150_000)],
  ["Bearer" + " ".repeat(2 ** 20)],
  ["https:\\/\\/".repeat(100_000)],
])("1 MiB that was made to be slow is redacted within a second: %.20s", (text) => {
  const before = process.cpuUsage(); // others may be at work on this machine
  redact(text);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
});

describe("the innermost message of an error", () => {
  test("is that of its last cause, also where the chain bites its own tail", () => {
    const first = new Error("first");
    first.cause = new Error("second", { cause: first });
    expect(innermostMessage(first)).toMatch(/^(first|second)$/);
    expect(innermostMessage(new Error("a", { cause: new Error("b") }))).toBe("b");
  });

  test.each([
    [undefined, "undefined"],
    [null, "null"],
    [5, "5"],
    ["text", "text"],
    [{ code: "E1" }, "E1"],
    [{}, "no reason given"],
  ])("of %j is %s", (thrown, message) => {
    expect(innermostMessage(thrown)).toBe(message);
  });
});
