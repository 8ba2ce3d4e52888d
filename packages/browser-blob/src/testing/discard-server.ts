import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { build } from "esbuild";

/** A server that throws parts away and costs next to nothing: what a client can do at most. */
export class DiscardServer {
  readonly url: string;
  readonly #process: ChildProcessWithoutNullStreams;

  private constructor(url: string, process: ChildProcessWithoutNullStreams) {
    this.url = url;
    this.#process = process;
  }

  static async start(): Promise<DiscardServer> {
    const { outputFiles } = await build({
      entryPoints: [`${import.meta.dirname}/discard-process.ts`],
      bundle: true,
      format: "esm",
      platform: "node",
      write: false,
    });
    const server = spawn(process.execPath, ["--input-type=module", "--eval", outputFiles[0]!.text]);
    const [port] = (await once(server.stdout, "data")) as [Buffer];
    return new DiscardServer(`http://127.0.0.1:${Number(port.toString())}`, server);
  }

  async close(): Promise<void> {
    const gone = once(this.#process, "exit");
    this.#process.stdin.end();
    await gone;
  }
}
