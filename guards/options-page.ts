// Makes docs/options.md from the comments of the options.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import ts from "typescript";
import { root } from "./workspace.js";

/** The sections of the page: a heading, an introduction, and the interfaces whose own members it lists. */
const sections = [
  [
    "Of every transfer",
    "",
    ["TransferOptions", "BudgetOptions", "ThreadOptions", "ServiceOptions"],
  ],
  [
    "Of transfers that share",
    "`createTransfers(options)`; and `client`, `stateDir`, `lanes`, `memoryBytes`, `maxBytesPerSecond` and `threads`, which hold for all its transfers together",
    ["SharedOptions"],
  ],
  [
    "Of uploads",
    "`uploadImage(path, options)`",
    ["UploadImageOptions", "UploadOptions", "StateDirOptions", "JournalOptions", "CheckOptions"],
  ],
  [
    "Of downloads",
    "`downloadImage(idOrName, path, options)`",
    ["DownloadImageOptions", "DownloadOptions"],
  ],
] as const;

const files = [
  "transfer/src/options.ts",
  "transfer/src/budget-options.ts",
  "node-fs/src/threads/thread-options.ts",
  "node-fs/src/create-transfers.ts",
  "node-fs/src/check-image.ts",
  "node-fs/src/client.ts",
  "node-fs/src/journals/state-dir.ts",
  "node-fs/src/journals/journal-store.ts",
  "node-fs/src/upload.ts",
  "node-fs/src/download.ts",
].map((file) => join(root, "packages", file));

/**
 * Returns the names of the options of `uploadImage` and of `downloadImage`, including those of every transfer.
 */
export function optionNames(): { readonly upload: string[]; readonly download: string[] } {
  const interfaces = declarations();
  const [every = [], , upload = [], download = []] = sections.map(([, , names]) =>
    names.flatMap((name) => membersOf(interfaces.get(name), name)).map(nameOf),
  );
  return { upload: [...every, ...upload], download: [...every, ...download] };
}

const declarations = (): ReadonlyMap<string, ts.InterfaceDeclaration> =>
  new Map(
    files
      .flatMap((file) => [...parsed(file).statements])
      .filter((statement) => ts.isInterfaceDeclaration(statement))
      .map((declaration) => [declaration.name.text, declaration]),
  );

/** Returns the page as it should be. */
export async function optionsPage(): Promise<string> {
  const interfaces = declarations();
  const tables = sections.map(([heading, about, names]) => {
    const rows = names.flatMap((name) => membersOf(interfaces.get(name), name).map(rowOf));
    const table = ["| option | default | what it does |", "| --- | --- | --- |", ...rows];
    return [`## ${heading}`, about, table.join("\n")].filter(Boolean).join("\n\n");
  });
  return format([head, ...tables].join("\n\n"), { parser: "markdown", printWidth: 120 });
}

const head = `# Options

The options of \`uploadImage\` and \`downloadImage\` of \`@img/node-fs\`, with their defaults. All may be left out. This page
is made from the comments in the code. The flags of the command are in
[its README](../packages/cli/README.md#options), what differs in a page in
[browser-blob's](../packages/browser-blob/README.md).`;

/** Parses a file. The nodes have parents, which are needed to find a member's comment. */
const parsed = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);

function membersOf(
  declaration: ts.InterfaceDeclaration | undefined,
  name: string,
): ts.PropertySignature[] {
  if (declaration === undefined) throw new Error(`No interface ${name} in the files of the page`);
  return declaration.members.filter((member) => ts.isPropertySignature(member));
}

function rowOf(member: ts.PropertySignature): string {
  const name = nameOf(member);
  const comment = ts.getTextOfJSDocComment(
    ts.getJSDocCommentsAndTags(member).find((node) => ts.isJSDoc(node))?.comment,
  );
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
  const fallback = ts.getTextOfJSDocComment(tag?.comment) ?? "none";
  return `| \`${name}\` | ${cell(fallback)} | ${cell(comment ?? "")} |`;
}

const nameOf = (member: ts.PropertySignature): string => member.name.getText();

const cell = (text: string): string => text.replace(/\s+/g, " ").replaceAll("|", "\\|").trim();
