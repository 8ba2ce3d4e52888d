import { parentPort } from "node:worker_threads";
import { TransportError } from "@img/transfer";
import { mostSliceBytes } from "../http/part-body.js";
import { UndiciTransport } from "../http/transport.js";
import type { Ended, FromTurn, ToThread, ToTurn } from "./messages.js";
import { Window } from "./window.js";

/** Lanes of this thread, by number. */
const lanes = new Map<number, ThreadLane>();

parentPort?.on("message", (message: ToThread) => {
  if (message.do === "open") lanes.set(message.lane, new ThreadLane(message.lane, message.window));
  else if (message.do === "close") void lanes.get(message.lane)?.close();
  else lanes.get(message.lane)?.told(message.turn, message);
});

/** One lane's connection, and the request that it is at. */
class ThreadLane {
  readonly #lane: number;
  readonly #memory: SharedArrayBuffer;
  readonly #transport = new UndiciTransport();
  #turn: Turn | null = null;

  constructor(lane: number, memory: SharedArrayBuffer) {
    this.#lane = lane;
    this.#memory = memory;
  }

  told(turn: number, message: ToTurn): void {
    if (message.do === "put" || message.do === "get") {
      this.#turn = new Turn(turn, this.#memory, (told) =>
        parentPort?.postMessage({ lane: this.#lane, turn, ...told }),
      );
      void this.#turn.run(this.#transport, message);
    } else if (this.#turn?.number === turn) this.#turn.told(message);
  }

  async close(): Promise<void> {
    lanes.delete(this.#lane);
    await this.#transport.close();
    parentPort?.postMessage({ lane: this.#lane, is: "closed" });
  }
}

type Start = Extract<ToTurn, { do: "put" | "get" }>;

class Turn {
  readonly number: number;
  readonly #tell: (told: FromTurn) => void;
  readonly #window: Window;
  readonly #abort = new AbortController();
  /** Bytes that may go, and were not asked for yet. */
  #granted = 0;
  #waiting: { resolve(bytes: number): void; reject(error: Error): void } | null = null;

  constructor(number: number, memory: SharedArrayBuffer, tell: (told: FromTurn) => void) {
    this.number = number;
    this.#tell = tell;
    this.#window = new Window(memory, (half, lengthBytes) =>
      tell({ is: "filled", half, lengthBytes }),
    );
  }

  async run(transport: UndiciTransport, start: Start): Promise<void> {
    try {
      const answer = await (start.do === "put"
        ? this.#put(transport, start)
        : this.#get(transport, start));
      this.#window.flush();
      this.#tell({ is: "answered", answer });
    } catch (error) {
      this.#tell({ is: "failed", ...endedBy(error) });
    } finally {
      this.#window.end();
    }
  }

  told(message: Exclude<ToTurn, Start>): void {
    if (message.do === "grant") this.#onGranted(message.bytes);
    else if (message.do === "free") this.#window.free(message.half);
    else this.#onAbort();
  }

  #put(transport: UndiciTransport, { url, headers, bytes }: Extract<Start, { do: "put" }>) {
    let leftBytes = bytes.length;
    return transport.put({
      url,
      headers,
      bytes,
      sliceBytes: async () => {
        const granted = await this.#nextGrant();
        leftBytes -= granted;
        // Asked for while this slice goes out, so that the next one need not wait for the answer.
        if (leftBytes > 0) this.#tell({ is: "wanting", leftBytes: mostSliceBytes(leftBytes) });
        return granted;
      },
      onMoved: (moved) => this.#tell({ is: "moved", bytes: moved }),
      signal: this.#abort.signal,
    });
  }

  #get(transport: UndiciTransport, { url, headers }: Extract<Start, { do: "get" }>) {
    return transport.get({
      url,
      headers,
      onHead: (head) => {
        this.#tell({ is: "head", head });
        return true;
      },
      onBytes: (bytes) => this.#window.put(bytes),
      signal: this.#abort.signal,
    });
  }

  #nextGrant(): number | Promise<number> {
    const granted = this.#granted;
    this.#granted = 0;
    if (granted > 0) return granted;
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  #onGranted(bytes: number): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) this.#granted = bytes;
    else waiting.resolve(bytes);
  }

  #onAbort(): void {
    this.#abort.abort();
    this.#waiting?.reject(new Error("aborted"));
  }
}

function endedBy(error: unknown): Ended {
  if (error instanceof TransportError) {
    const { reason, staleSocket, through } = error;
    return { reason, staleSocket, through };
  }
  const reason = error instanceof Error ? error.name : "unknown";
  return { reason, staleSocket: false, through: null };
}

parentPort?.postMessage("started");
