import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** The properties of a link. 0 means as fast, or as near, as this machine allows. */
export interface LinkShape {
  /** The rate in each direction, over all connections, in millions of bits per second. */
  readonly mbit: number;
  /** The round trip time. */
  readonly delayMs: number;
}

/** A link in its own process. It forwards connections from its port to another one. */
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
