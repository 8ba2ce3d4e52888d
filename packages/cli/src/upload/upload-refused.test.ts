import { expect, test } from "vitest";
import { MiB, script } from "../testing/script.js";

test("a token that the service does not accept ends with 3, and nothing shows it", async () => {
  const { img, file, env } = await script();
  file("a.img", MiB);
  env["SFC_BEARER_AUTH"] = "another-token-9876543210";
  const ran = await img("upload", "a.img", "--verbose");
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain("img: The service does not accept the token.\n");
  expect(ran.stderr).not.toContain("another-token");
});

test("an error's stack is shown with --verbose, and only then", async () => {
  const { img, file, server } = await script();
  file("a.img", MiB);
  server.faults.add({ on: "create", do: "answer", status: 400, times: Infinity });
  expect((await img("upload", "a.img")).stderr).not.toMatch(/^ +at /m);
  expect((await img("upload", "a.img", "--verbose")).stderr).toMatch(/^ +at /m);
});
