import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readVector } from "../../../disk-formats/src/testing/read-vector.js";
import { main, MiB, script, sha256Of } from "../testing/script.js";
import { sha256In } from "./sha256sums.js";

const other = "ab".repeat(32);

test("--sha256 completes only a disk with that SHA-256, and an error names both", async () => {
  const { img, file, server } = await script();
  const sha256 = file("a.img", MiB);
  const refused = await img("upload", "a.img", "--sha256", other);
  expect(refused.code).toBe(7);
  expect(refused.stderr).toContain(`a.img has SHA-256 ${sha256}, not ${other}.`);
  expect(refused.stderr).toContain("Nothing was completed. Check the file");
  expect(server.requests.complete).toBe(0);
  const done = await img("upload", "a.img", "--sha256", sha256.toUpperCase(), "--json");
  expect(done.events.at(-1)).toMatchObject({ event: "completed", sha256, sentBytes: 0 });
});

test("--source-sha256 is compared with the file itself, also with a qcow2, whose disk is uploaded", async () => {
  const { img, file, server } = await script();
  const { image } = readVector("qcow2", "version-3.hex");
  file("a.qcow2", image);
  const refused = await img("upload", "a.qcow2", "--source-sha256", other);
  expect(refused.code).toBe(7);
  expect(refused.stderr).toContain("Nothing was sent. Check the file");
  expect(server.requests.create).toBe(0);
  const done = await img("upload", "a.qcow2", "--source-sha256", sha256Of(image), "--json");
  expect(done.events.at(-1)).toMatchObject({ event: "completed", sizeBytes: 5120 });
});

test("--sha256sums takes the SHA-256 of each file from a list, read once", async () => {
  const { img, file, dir } = await script();
  const [a, b] = [file("a.img", MiB), file("b.img", 2 * MiB)];
  file("SHA256SUMS", Buffer.from(`${a}  a.img\n${b} *./b.img\n`));
  const done = await img("upload", "a.img", "b.img", "--sha256sums", "SHA256SUMS");
  expect(done.stderr).toBe("");
  expect(done.code).toBe(0);
  file("SHA256SUMS", Buffer.from(`${other}  c.img\n`));
  file("c.img", readFileSync(join(dir, "a.img")));
  expect((await img("upload", "c.img", "--sha256sums", "SHA256SUMS")).code).toBe(7);
  const unknown = await img("upload", "a.img", "--name", "d", "--sha256sums", "SHA256SUMS");
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain("SHA256SUMS has no SHA-256 of a.img.");
});

test("a file that is missing in --sha256sums is an error, and nothing of the other files is sent", async () => {
  const { img, file, server } = await script();
  file("SHA256SUMS", Buffer.from(`${file("a.img", MiB)}  a.img\n`));
  file("b.img", MiB);
  const refused = await img("upload", "a.img", "b.img", "--sha256sums", "SHA256SUMS");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("SHA256SUMS has no SHA-256 of b.img.");
  expect(server.requests.create).toBe(0);
});

test("a piped image is completed only with the expected SHA-256", async () => {
  const piped = `cat a.img | "${process.execPath}" "${main}" "$@"`;
  const { img, file, server } = await script({}, ["sh", "-c", piped, "sh"]);
  const sha256 = file("a.img", MiB);
  const refused = await img("upload", "-", "--name", "a", "--sha256", other);
  expect(refused.code).toBe(7);
  expect(refused.stderr).toContain(`standard input has SHA-256 ${sha256}, not ${other}.`);
  expect(server.requests.complete).toBe(0);
  expect((await img("upload", "-", "--name", "a", "--sha256", sha256)).code).toBe(0);
});

test.each([
  ["a value of --sha256 that is not 64 hex digits", ["a.img", "--sha256", "abc"]],
  ["one SHA-256 for several files", ["a.img", "b.img", "--sha256", other]],
  ["a file's SHA-256 from two places", ["a.img", "--source-sha256", other, "--sha256sums", "x"]],
  [
    "two SHA-256s of one raw disk",
    ["a.img", "--sha256", other, "--source-sha256", "cd".repeat(32)],
  ],
  ["a list that does not exist", ["a.img", "--sha256sums", "missing"]],
])("%s is a mistake, and nothing is sent", async (_, args) => {
  const { img, file, server } = await script();
  file("a.img", MiB);
  file("b.img", MiB);
  const refused = await img("upload", ...args);
  expect(refused.code).toBe(2);
  expect(refused.stderr).not.toContain("expectedSha256");
  expect(server.requests.create).toBe(0);
});

test.each([
  ["sha256sum", `${other}  a.img`],
  ["sha256sum -b", `${other} *a.img`],
  ["sha256sum --tag", `SHA256 (a.img) = ${other}`],
  ["another system, in a folder", `\r\n${other.toUpperCase()}  ./out/a.img\r\n`],
])("a list as %s writes it is read", (_, text) => {
  expect(sha256In(text, "a.img", "SUMS")).toBe(other);
});

test.each([
  ["back\\slash\nand\rmore.img", `\\${other}  back\\\\slash\\nand\\rmore.img`],
  ["back\\slash.img", `\\SHA256 (out/back\\\\slash.img) = ${other}`],
  ["back\\nslash.img", `${other}  back\\nslash.img`],
])("the line of a file that is named %j is read", (name, line) => {
  expect(sha256In(`${"cd".repeat(32)}  other.img\n${line}\n`, name, "SUMS")).toBe(other);
});

test("a list with two SHA-256s for one name is refused", () => {
  const text = `${other}  x/a.img\n${"cd".repeat(32)}  y/a.img\n`;
  expect(() => sha256In(text, "a.img", "SUMS")).toThrow("several");
});
