import { expect, test } from "vitest";
import { loaded } from "./loaded.js";

test("a script that could not be loaded is a typed error that says what to do", async () => {
  const failed = new TypeError("Failed to fetch dynamically imported module: https://a.test/b.js");

  await expect(loaded(Promise.reject(failed))).rejects.toMatchObject({
    code: "SCRIPT_NOT_LOADED",
    message: expect.stringContaining("Reload the page") as string,
    cause: failed,
  });
});
