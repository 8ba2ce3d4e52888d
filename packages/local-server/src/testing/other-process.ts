import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { Client } from "./real-server.js";

const built = new URL("../../dist/index.js", import.meta.url).href;

/** The tiny program, on what was built: serves a folder, says where, and tells its peak memory when asked. */
const program = `
  import { startServer } from "${built}";
  const server = await startServer({ dir: process.argv[1], port: 0, token: "the-token" });
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
  const args = ["--input-type=module", "--eval", program, dir];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
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
