import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { onTestFinished } from "vitest";
import { Client, temporaryFolder } from "./real-server.js";

const sources = join(import.meta.dirname, "..");

/** The tiny program: serves a folder, says where, and tells its peak memory when asked. */
const program = `
  import { startServer } from "./server.js";
  const server = await startServer({ dir: process.argv[2], port: 0, token: "the-token" });
  console.log(server.url);
  process.stdin.on("data", () => console.log(process.resourceUsage().maxRSS / 1024));
  process.on("SIGTERM", () => server.close().then(() => process.exit(0)));
`;

export interface OtherProcess {
  readonly client: Client;
  /** Sends a signal and resolves to how it ended: the signal's name, or the exit code. */
  end(signal: NodeJS.Signals): Promise<NodeJS.Signals | number | null>;
  peakMiB(): Promise<number>;
}

/** Serves `dir` in a process of its own, which can be killed. */
export async function serveElsewhere(dir: string): Promise<OtherProcess> {
  const script = join(await temporaryFolder(), "server.mjs");
  buildSync({
    stdin: { contents: program, resolveDir: sources, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: script,
    external: ["@aws-sdk/*"],
    // prom-client is CommonJS, and asks for Node's own modules as such.
    banner: {
      js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
    },
    alias: { "@img/core/wire": join(sources, "../../core/src/wire.ts") },
  });
  const child = spawn(process.execPath, [script, dir], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const line = () =>
    new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
      child.once("exit", (code) =>
        reject(new Error(`The server ended with ${code ?? "a signal"}`)),
      );
    });
  const url = await line();
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? code)),
  );
  return {
    client: new Client(url, "the-token"),
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
    peakMiB: () => {
      const answer = line();
      child.stdin.write("?");
      return answer.then(Number);
    },
  };
}
