import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { join } from "node:path";

/** What has arrived since the last reset. Times are Unix ms. */
export interface Tally {
  /** The bytes of the bodies of PUTs. */
  readonly partBytes: number;
  readonly firstRequestAtMs: number | null;
  readonly firstPartByteAtMs: number | null;
  /** The connections that are open now. */
  readonly openConnections: number;
}

export type SinkReport =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "tally"; readonly tally: Tally };

export interface SinkFiles {
  /** The file that is served. */
  readonly image: string;
  readonly sha256: string;
  readonly certificate: string;
  readonly key: string;
}

/** The discarding server, in its own processes. */
export class Sink {
  readonly port: number;
  readonly #workers: readonly Worker[];

  private constructor(port: number, workers: readonly Worker[]) {
    this.port = port;
    this.#workers = workers;
  }

  /**
   * Starts the server.
   *
   * @param processes On a fast machine one process is the bottleneck; on a small one, more would only take
   * cores from the client.
   */
  static async start(files: SinkFiles, processes: number, host: string): Promise<Sink> {
    cluster.setupPrimary({
      exec: join(import.meta.dirname, "sink-process.js"),
      args: [files.image, files.sha256, files.certificate, files.key, host],
    });
    const workers = Array.from({ length: processes }, () => cluster.fork());
    const ports = await Promise.all(workers.map((worker) => heard(worker, "listening")));
    return new Sink(ports[0]!.port, workers);
  }

  /** Returns the counts. @param asked "reset" counts from zero afterwards. */
  async tally(asked: "look" | "reset" = "look"): Promise<Tally> {
    const reports = this.#workers.map((worker) => {
      const told = heard(worker, "tally");
      worker.send(asked);
      return told;
    });
    return (await Promise.all(reports)).map((report) => report.tally).reduce(both);
  }

  async stop(): Promise<void> {
    const gone = this.#workers.map((worker) => once(worker, "exit"));
    for (const worker of this.#workers) worker.kill();
    await Promise.all(gone);
  }
}

async function heard<Type extends SinkReport["type"]>(
  worker: Worker,
  type: Type,
): Promise<SinkReport & { type: Type }> {
  return new Promise((resolve, reject) => {
    const listen = (report: SinkReport): void => {
      if (report.type !== type) return;
      worker.off("message", listen).off("exit", fail);
      resolve(report as SinkReport & { type: Type });
    };
    const fail = (): void => reject(new Error("the sink ended"));
    worker.on("message", listen).once("exit", fail);
  });
}

function both(a: Tally, b: Tally): Tally {
  return {
    partBytes: a.partBytes + b.partBytes,
    openConnections: a.openConnections + b.openConnections,
    firstRequestAtMs: earlier(a.firstRequestAtMs, b.firstRequestAtMs),
    firstPartByteAtMs: earlier(a.firstPartByteAtMs, b.firstPartByteAtMs),
  };
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
