// The TypeScript of the documents, as programs. A snippet may take names for granted that a reader has:
// "```ts given=engine" puts the given of that name before it. "```ts page" is for a browser: it is only compiled.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { root, short } from "./workspace.js";

export interface Snippet {
  /** The file and the line. */
  readonly id: string;
  /** The words after `ts` on the fence. */
  readonly info: string;
  readonly code: string;
}

/** What snippets assume, before and after them. */
const givens: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "given=client": [
    `const serverURL = process.env["SFC_SERVER_URL"] ?? "";
     const [token, id] = [process.env["SFC_BEARER_AUTH"] ?? "", "image_none"];
     const bearerAuth = token;`,
    "",
  ],
  "given=engine": [
    `import { SfcCore } from "@img/core/core.js";
     import { fileJournals, nodePlatform, openFileSource } from "@img/node-fs";
     const server = process.env["SFC_SERVER_URL"] ?? "";
     const client = new SfcCore({ serverURL: server, bearerAuth: process.env["SFC_BEARER_AUTH"] ?? "" });
     const name = "engine.img";
     const source = await openFileSource("disk.img");
     const platform = nodePlatform(fileJournals("engine-state"), source.path);`,
    "await source.close();",
  ],
  "given=disk-file": [
    `import { openFileSource } from "@img/node-fs";
     const file = await openFileSource("disk.img");
     const { signal } = new AbortController();`,
    "await file.close();",
  ],
  "given=journals": [
    `import { mkdtempSync } from "node:fs";
     import { fileJournals as myJournals } from "@img/node-fs";
     const freshFolder = () => mkdtempSync("journals-");`,
    "",
  ],
  "given=server": [
    `import { startServer } from "@img/local-server";
     const server = await startServer({ dir: "given-server", port: 0 });`,
    "await server.close();",
  ],
};

/** Lists the documents: at the root, of each package, and the guides. */
function documents(): string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(root, folder, name));
  const ofPackages = readdirSync(join(root, "packages"))
    .map((name) => join(root, "packages", name, "README.md"))
    .filter((path) => existsSync(path));
  return [...inFolder("."), ...ofPackages, ...inFolder("docs")];
}

export const snippets = (): Snippet[] => documents().flatMap(snippetsIn);

function snippetsIn(path: string): Snippet[] {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(/^```ts ?(.*)\n([^]*?)^```$/gm)].map((match) => {
    const line = text.slice(0, match.index).split("\n").length;
    const id = `${short(path)
      .replace(/\.md$/, "")
      .replace(/[^\w]+/g, "-")}-${line}`;
    return { id, info: match[1] ?? "", code: match[2] ?? "" };
  });
}

/** Returns a snippet as a program, with what it assumes around it. */
export function asProgram({ id, info, code }: Snippet): string {
  const [before, after] = givens[info] ?? ["", ""];
  if (!(info in givens) && info !== "" && info !== "page") {
    throw new Error(`${id} asks for "${info}", which guards/snippets.ts does not know`);
  }
  return `${before}\n${code}\n${after}\nexport {};\n`;
}

/** Returns a snippet as JavaScript that uses the given server. */
export async function runnable(snippet: Snippet, server: string): Promise<string> {
  const { code } = await transform(asProgram(snippet), { loader: "ts", target: "es2022" });
  return code.replaceAll(/https:\/\/(api|images)\.example\.com/g, server);
}
