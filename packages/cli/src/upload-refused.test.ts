import { expect, test } from "vitest";
import { MiB, script } from "./testing/script.js";

for (const [what, args, code, message] of [
  ["an empty file", ["upload", "empty.img"], 2, "The file is empty."],
  ["a folder", ["upload", ".store"], 2, ".store is a folder."],
  ["standard input", ["upload", "-"], 2, "Standard input cannot be uploaded."],
  [
    "a bad name",
    ["upload", "a.img", "--name", "a/b"],
    2,
    "The image's name must be 1 to 255 characters",
  ],
  [
    "too little memory",
    ["upload", "a.img", "--memory", "1K"],
    2,
    "--memory must be at least one part",
  ],
  [
    "too many lanes",
    ["upload", "a.img", "--lanes", "99"],
    2,
    "--lanes must be a whole number from 1 to 32",
  ],
  [
    "no size",
    ["upload", "a.img", "--part-size", "big"],
    2,
    "Give a size such as 512K, 16M or 1.5G",
  ],
  [
    "one name for two files",
    ["upload", "a.img", "empty.img", "--name", "n"],
    2,
    "--name is for one file.",
  ],
  ["the same name twice", ["upload", "a.img", "x/a.img"], 2, "Two files have the name a.img."],
  ["a missing file", ["upload", "nothing.img"], 4, "There is no file nothing.img."],
] as const) {
  test(`${what} is refused with ${code} before anything is created`, async () => {
    const { img, file, server } = await script();
    file("empty.img", 0);
    file("a.img", MiB);
    const ran = await img(...args);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    expect(server.requests.create).toBe(0);
  });
}

test("a token that the service does not accept ends with 3, and nothing shows it", async () => {
  const { img, file, env } = await script();
  file("a.img", MiB);
  env["SFC_BEARER_AUTH"] = "another-token-9876543210";
  const ran = await img("upload", "a.img", "--verbose");
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain("img: The service does not accept the token.\n");
  expect(ran.stderr).not.toContain("another-token");
});

test("a token that is revoked in the middle ends with 3 and the command that goes on", async () => {
  const { img, file, server } = await script();
  file("a.img", 12 * MiB);
  server.faults.add({ on: "partUrl", nth: 3, times: Infinity, do: "answer", status: 401 });
  const ran = await img("upload", "a.img", "--part-size", "5M", "--lanes", "1", "--json");
  expect(ran.code).toBe(3);
  expect(ran.error).toMatchObject({
    event: "error",
    code: "NOT_AUTHORIZED",
    resume: "img upload a.img --part-size 5M --lanes 1 --json",
  });
});

test("a server that is not there ends with 75 and the command that goes on", async () => {
  const { img, file, server } = await script();
  file("a.img", MiB);
  await server.close();
  const ran = await img("upload", "a.img", "--retry-for", "0.5s");
  expect(ran.code).toBe(75);
  expect(ran.stderr).toContain("img: No progress (preparing)");
  expect(ran.stderr).toContain("     Go on with: img upload a.img --retry-for 0.5s\n");
});

test("an error's stack is shown with --verbose, and only then", async () => {
  const { img, file, server } = await script();
  file("a.img", MiB);
  server.faults.add({ on: "create", do: "answer", status: 400, times: Infinity });
  expect((await img("upload", "a.img")).stderr).not.toMatch(/^ +at /m);
  expect((await img("upload", "a.img", "--verbose")).stderr).toMatch(/^ +at /m);
});
