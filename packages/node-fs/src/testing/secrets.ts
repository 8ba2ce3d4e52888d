import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";

/** Looks for a token, and for the query of a presigned URL, in all that a transfer tells or writes. */
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

  /** @param where Said if there is one. */
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

/** An error as loggers, debuggers and `JSON.stringify` tell it. */
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
