import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { allIn, filesIn, root, short } from "./workspace.js";

const documents = filesIn(root, /\.md$/).filter((path) => !/[/]\.changeset[/]/.test(path));
const everything = allIn(root).map((path) => `/${short(path)}`);

/** Whether a file exists. The end of a path is enough: a chapter about `transfer` says `upload/claim.ts`. */
const exists = (name: string): boolean =>
  everything.some((path) => path.endsWith(`/${name}`) || path.endsWith(`/${sourceOf(name)}`)) ||
  (name.endsWith("/") && everything.some((path) => path.includes(`/${name}`)));

/** Returns the source of a built file, which documents name too. */
const sourceOf = (name: string): string => name.replace(/\.js$/, ".ts");

const isFile = /^(?!@)[\w.-]+(?:\/[\w.-]+)*(?:\.(?:ts|js|md|json|sh|yml)|\/)$/;

/** Of other projects, or made by a command. */
const elsewhere = ["package.json", "./image-worker.js", "sbom.cdx.json", "links.json"];

test.each(documents.map(short))("%s names no file that is not there", (document) => {
  const text = readFileSync(join(root, document), "utf8").replaceAll(/^```[^]*?^```$/gm, "");
  const named = [...text.matchAll(/`([^`\n]+)`/g)]
    .map((match) => (match[1] ?? "").replace(/^\.\//, ""))
    .filter((name) => isFile.test(name) && !elsewhere.includes(name));
  expect(named.filter((name) => !exists(name) && !existsSync(join(root, name)))).toEqual([]);
});

/** The documents about the code: each function, class or field that they name must exist in the code. */
const aboutCode = ["ARCHITECTURE.md", "docs/internals.md", "docs/journal.md"];
const code = ["packages", "page"]
  .flatMap((folder) => filesIn(join(root, folder), /\.(?:ts|js)$/))
  .map((path) => [`/${short(path)}`, readFileSync(path, "utf8")]);
const everyWord = new Set(code.flatMap(([, text]) => text?.match(/[A-Za-z_]\w+/g) ?? []));
/** Names of the operating system, and parts of a format that the document describes. */
const notOurs = ["SYNCED", "fdatasync", "flock"];
const isName = /^[A-Za-z_]\w+(?:\.[a-zA-Z]\w+)*$/;

test.each(aboutCode)("%s names no function, class or field that is not there", (document) => {
  const named = [...readFileSync(join(root, document), "utf8").matchAll(/`([^`\n]+)`/g)]
    .map((match) => match[1] ?? "")
    .filter((name) => isName.test(name) && !isFile.test(name) && !notOurs.includes(name));
  const unknown = named.filter((name) => !name.split(".").every((word) => everyWord.has(word)));
  expect(unknown).toEqual([]);
});

test.each(aboutCode)("%s shows no source in a diagram that is not there", (document) => {
  const blocks = readFileSync(join(root, document), "utf8").match(/^```[^]*?^```$/gm) ?? [];
  const shown = blocks.flatMap((block) => block.match(/[\w-][\w./-]*\.ts\b/g) ?? []);
  expect(shown.filter((name) => !exists(name))).toEqual([]);
});

test.each(aboutCode)("what %s names with a file is in that file", (document) => {
  const pairs = readFileSync(join(root, document), "utf8").matchAll(
    /`(\w+)` \(`([\w./-]+\.ts)`[),]/g,
  );
  const strays = [...pairs].filter(([, name = "", file = ""]) =>
    code.every(([path, text]) => !path?.endsWith(`/${file}`) || !wordsOf(text).includes(name)),
  );
  expect(strays.map(([pair]) => pair)).toEqual([]);
});

const wordsOf = (text = ""): readonly string[] => text.match(/[A-Za-z_]\w+/g) ?? [];

test.each(documents.map(short))("every link of %s leads somewhere", (document) => {
  const broken = linksIn(readFileSync(join(root, document), "utf8")).filter(([path, anchor]) => {
    const file = path === "" ? join(root, document) : join(root, dirname(document), path);
    return !existsSync(file) || (anchor !== "" && !anchorsIn(file).includes(anchor));
  });
  expect(broken.map((link) => link.join("#"))).toEqual([]);
});

/** Returns path and anchor of each link within the repository. */
function linksIn(text: string): [path: string, anchor: string][] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = "", anchor = ""] = link.split("#");
      return [path, anchor];
    });
}

/** Returns the anchor of each heading, as GitHub makes them. */
const anchorsIn = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
