import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";

/** Looks for tokens and queries of presigned URLs in everything that a transfer reports or writes. */
export class Secrets {
  readonly #token: string;
  readonly #found: string[] = [];

  constructor(token: string) {
    this.#token = token;
  }

  /** Where secrets were found. */
  get found(): readonly string[] {
    return this.#found;
  }

  /** @param where Names the place if a secret is found. */
  look(where: string, value: unknown): void {
    const text = typeof value === "string" ? value : allThatIsToldOf(value);
    if (!text.includes(this.#token) && !/[?&](expires|signature)=/i.test(text)) return;
    const at = text.search(new RegExp(`${this.#token}|[?&](expires|signature)=`, "i"));
    this.#found.push(`${where}: …${text.slice(Math.max(0, at - 200), at + 60)}…`);
  }

  lookInFilesOf(folder: string, suffix = ""): void {
    for (const name of readdirSync(folder)) {
      if (name.endsWith(suffix)) this.look(name, contentsOf(join(folder, name)));
    }
  }
}

/** What loggers, debuggers and `JSON.stringify` show of an error. */
function allThatIsToldOf(value: unknown): string {
  const texts = [inspect(value, { showHidden: true, depth: Infinity, getters: true }), json(value)];
  for (let at = value, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    texts.push(at.message, at.stack ?? "", json(at), json(Object.entries(at)));
  }
  return texts.join("\n");
}

function json(value: unknown): string {
  try {
    return JSON.stringify([value]);
  } catch {
    return "";
  }
}

function contentsOf(path: string): string {
  try {
    return statSync(path).isFile() ? readFileSync(path, "latin1") : ""; // a pipe would be waited for
  } catch {
    return ""; // gone meanwhile, or a folder
  }
}
