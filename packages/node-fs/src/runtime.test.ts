import { expect, test } from "vitest";
import { checkRuntime } from "./runtime.js";

test.each([
  [{ node: "24.3.0", bun: "1.4.5" }, "Bun 1.4.5"],
  [{ node: "24.2.0", deno: "2.9.6" }, "Deno 2.9.6"],
])("a runtime that only resembles Node is refused by name: %j", (versions, name) => {
  expect(() => {
    checkRuntime(versions);
  }).toThrow(
    expect.objectContaining({
      code: "RUNTIME_UNSUPPORTED",
      what: `@img/node-fs does not run on ${name}.`,
    }),
  );
});

test("Node is not refused", () => {
  expect(() => {
    checkRuntime();
  }).not.toThrow();
});
