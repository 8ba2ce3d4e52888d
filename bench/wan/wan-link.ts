import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { isOnPath, root } from "../machine.js";

/** The properties of a long link. */
export interface WanShape {
  readonly mbit: number;
  /** The round trip time. */
  readonly rttMs: number;
  readonly lossPercent: number;
  /** The length of the queue: packets that would wait longer are dropped. */
  readonly queueMs: number;
  readonly mtu: number;
  /** The congestion control of both ends: `cubic`, `bbr`, `reno`. */
  readonly congestion: string;
}

/** The server's address behind the link. */
export const farAddress = "10.77.0.2";

/** Returns why there can be no such link on this machine; null if there can. */
export function whyNoWan(): string | null {
  if (process.platform !== "linux") return "it needs Linux, for network namespaces";
  if (process.getuid?.() !== 0) return "it needs root, to make network namespaces";
  const missing = ["ip", "cc", "sysctl"].find((tool) => !isOnPath(tool));
  if (missing !== undefined) return `it needs ${missing}`;
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
    return null;
  } catch {
    return "it needs /dev/net/tun";
  }
}

/** A link between two network namespaces. Nothing leaves the machine. */
export class WanLink {
  readonly near: string;
  readonly far: string;
  readonly #emulator: ChildProcess;

  private constructor(near: string, far: string, emulator: ChildProcess) {
    this.near = near;
    this.far = far;
    this.#emulator = emulator;
  }

  /**
   * Starts a link.
   *
   * @param folder The folder for the compiled emulator.
   * @param source The source of the emulator.
   */
  static async start(
    shape: WanShape,
    folder: string,
    source: string = join(root, "bench/wan/emulator.c"),
  ): Promise<WanLink> {
    const program = join(folder, "emulator");
    execFileSync("cc", ["-O2", "-o", program, source]);
    const [near, far] = [`img-near-${process.pid}`, `img-far-${process.pid}`];
    for (const name of [near, far]) execFileSync("ip", ["netns", "add", name]);
    const { mbit, rttMs, lossPercent, queueMs, mtu } = shape;
    const args = [mbit, rttMs / 2, lossPercent, queueMs, mtu].map(String);
    const emulator = spawn(program, [near, far, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const link = new WanLink(near, far, emulator);
    try {
      await Promise.race([once(emulator.stdout, "data"), ended(emulator)]);
      for (const name of [near, far]) tuneTcp(name, shape.congestion);
      return link;
    } catch (error) {
      await link.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const isRunning = this.#emulator.exitCode === null && this.#emulator.kill();
    if (isRunning) await once(this.#emulator, "exit");
    for (const name of [this.near, this.far]) execFileSync("ip", ["netns", "del", name]);
  }
}

async function ended(emulator: ChildProcess): Promise<never> {
  await once(emulator, "exit");
  throw new Error("The link's emulator ended before it was up");
}

/** Sets TCP as on a usual Linux: windows of up to 6 MiB. */
function tuneTcp(namespace: string, congestion: string): void {
  const settings = [
    `net.ipv4.tcp_congestion_control=${congestion}`,
    "net.ipv4.tcp_rmem=4096 131072 6291456",
    "net.ipv4.tcp_wmem=4096 65536 6291456",
  ];
  execFileSync("ip", ["netns", "exec", namespace, "sysctl", "-qw", ...settings]);
}
