import { expect, test } from "vitest";
import { commandTable } from "./command-table.js";
import { script } from "./testing/script.js";

test("img --help shows the three commands that most people want, and ends with 0", async () => {
  const { img } = await script();
  const { code, stdout } = await img("--help");
  expect(code).toBe(0);
  const most = stdout.slice(stdout.indexOf("Most people want:"));
  expect(most).toMatch(/img upload .*\n.*img list.*\n.*img download /);
});

test("img alone is the same help", async () => {
  const { img } = await script();
  expect((await img()).stdout).toBe((await img("help")).stdout);
});

test("img --version tells the version", async () => {
  const { img } = await script();
  expect((await img("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each(Object.entries(commandTable))(
  "the help of img %s has examples or says what it looks at",
  (_, { make }) => {
    let text = "";
    make()
      .configureOutput({ writeOut: (more) => void (text += more) })
      .outputHelp();
    expect(text).toMatch(/\nExamples:\n {2}|\nIt looks at /);
  },
);

test("a mistyped command ends with 2 and a suggestion", async () => {
  const { img } = await script();
  expect(await img("uplod", "a.img")).toMatchObject({
    code: 2,
    stdout: "",
    stderr: "img: Unknown command 'uplod'.\n     Did you mean upload?\n",
  });
});

test("help for an unknown command ends with 2, and does not print the whole help", async () => {
  const { img } = await script();
  expect(await img("help", "nothing")).toMatchObject({
    code: 2,
    stdout: "",
    stderr: "img: Unknown command 'nothing'.\n     See: img --help\n",
  });
});

test("a wrong option is an error in JSON with --json", async () => {
  const { img } = await script();
  const ran = await img("upload", "a.img", "--jsno", "--json");
  expect(ran.code).toBe(2);
  expect(ran.error).toEqual({
    event: "error",
    code: "USAGE",
    message: "Unknown option '--jsno'.",
    exitCode: 2,
    hint: "Did you mean --json?",
  });
});
