import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** How a link is: 0 is as fast, or as near, as this machine. */
export interface LinkShape {
  /** Millions of bits per second, each way, over all connections. */
  readonly mbit: number;
  /** There and back. */
  readonly delayMs: number;
}

/** A link in a process of its own. It forwards connections from its port to another one. */
export class Link {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#process = child;
  }

  static async start(toPort: number, { mbit, delayMs }: LinkShape): Promise<Link> {
    const args = [toPort, mbit, delayMs].map(String);
    const child = fork(join(import.meta.dirname, "link-process.js"), args);
    const [port] = (await once(child, "message")) as [number];
    return new Link(port, child);
  }

  async stop(): Promise<void> {
    const gone = once(this.#process, "exit");
    this.#process.kill();
    await gone;
  }
}
