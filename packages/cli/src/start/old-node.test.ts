import { expect, test } from "vitest";
import { oldNodeWarning } from "./old-node.js";
import { script } from "../testing/script.js";

const major = Number(process.versions.node.split(".")[0]);

test("Node 20 is warned about, Node 22 and later are not", () => {
  expect(oldNodeWarning("20.20.2")).toContain("Node 20 gets no security fixes any more");
  for (const version of ["22.0.0", "24.21.0", "26.10.0"])
    expect(oldNodeWarning(version)).toBeNull();
});

test("the warning is one line on standard error, and a program that reads JSON gets none", async () => {
  const { img, env } = await script();
  delete env["NODE_NO_WARNINGS"];
  const said = await img("list");
  expect(said.stderr).toBe(oldNodeWarning(process.versions.node) ?? "");
  expect(said.stderr.split("\n")).toHaveLength(major < 22 ? 2 : 1);
  expect((await img("list", "--json")).stderr).toBe("");
});

test("NODE_NO_WARNINGS=1 hides the warning, as it hides Node's own", async () => {
  const { img, env } = await script();
  env["NODE_NO_WARNINGS"] = "1";
  expect((await img("list")).stderr).toBe("");
});
