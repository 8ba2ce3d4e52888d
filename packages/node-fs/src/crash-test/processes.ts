import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";

/** What a process said: the answer to its start, or to a command. */
export interface Answer {
  readonly ok?: boolean;
  readonly pid?: number;
  readonly code?: string;
  readonly holder?: { readonly pid: number };
  readonly mayForce?: boolean;
  readonly message?: string;
  readonly acknowledged?: number;
}

/** A process that runs journal-process.ts. */
export interface JournalProcess {
  readonly pid: number;
  /** Its next line; null once it has ended. */
  next(): Promise<Answer | null>;
  /** Sends a command and resolves to the answer. */
  ask(command: string): Promise<Answer | null>;
  tell(command: string): void;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

const here = import.meta.dirname;

/** The journal needs no more of the engine, and this starts faster. */
const engineNames = ["errors", "promises/kept"]
  .map((name) => `export * from ${JSON.stringify(join(here, `../../../transfer/src/${name}.ts`))};`)
  .join("\n");

/** Builds the program from the sources into a folder; resolves to its path. */
export async function buildProgram(folder: string): Promise<string> {
  const outfile = join(folder, "journal-process.mjs");
  const engine = join(folder, "engine.ts");
  await writeFile(engine, engineNames);
  await build({
    entryPoints: [join(here, "journal-process.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    alias: {
      "@img/files": join(here, "../../../files/src/index.ts"),
      "@img/transfer": engine,
    },
    outfile,
  });
  return outfile;
}

export function startProcess(
  program: string,
  args: readonly string[],
  user?: number,
): JournalProcess {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const closed = once(child, "close");
  child.stdin.on("error", () => undefined); // it was killed
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Answer | null> => {
    const line = await lines.next();
    return line.done === true ? null : (JSON.parse(line.value) as Answer);
  };
  const tell = (command: string): void => void child.stdin.write(`${command}\n`);
  return {
    pid: child.pid!,
    next,
    tell,
    ask: (command) => {
      tell(command);
      return next();
    },
    signal: (name) => void child.kill(name),
    kill: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
