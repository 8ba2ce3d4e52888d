import { expect, test } from "vitest";
import { MiB, script } from "../testing/script.js";

test("an answer of a proxy is shown in one line", async () => {
  const { img, server } = await script();
  const body = `<html>${"long ".repeat(1000)}https://store/x?signature=secret</html>`;
  server.faults.add({ on: "list", do: "answer", status: 502, body, times: Infinity });
  const ran = await img("list");
  expect(ran.code).toBe(75);
  expect(ran.stderr.length).toBeLessThan(800);
  expect(ran.stderr).not.toContain("secret");
});

test("a whole round trip prints neither the token nor a URL's query, even with --verbose", async () => {
  const { img, file, env } = await script();
  file("a.img", MiB);
  const said = await Promise.all([img("upload", "a.img", "--json", "-v"), img("doctor", "-v")]);
  said.push(await img("show", "a.img", "--json", "-v"), await img("download", "a.img", "b", "-v"));
  const all = said.map(({ stdout, stderr }) => stdout + stderr).join("");
  expect(all).not.toContain(env["SFC_BEARER_AUTH"]);
  expect(all).not.toMatch(/signature|expires=/);
});
