import { parentPort } from "node:worker_threads";
import { TransportError } from "@img/transfer";
import { mostSliceBytes } from "../http/part-body.js";
import { Sessions } from "../http/sessions.js";
import { UndiciTransport } from "../http/transport.js";
import type { Ended, FromTurn, ToThread, ToTurn } from "./messages.js";
import { ToldBytes } from "./told-bytes.js";

/** After a bug: the engine is told that this thread has ended, rather than waiting for an answer. */
const endThread = (): never => process.exit(1);

const sessions = new Sessions();
/** Lanes of this thread, by number. */
const lanes = new Map<number, ThreadLane>();

parentPort?.on("message", (message: ToThread) => {
  if (message.do === "open") lanes.set(message.lane, new ThreadLane(message.lane));
  else if (message.do === "connect") lanes.get(message.lane)?.connect(message.origin);
  else if (message.do === "close") lanes.get(message.lane)?.close().catch(endThread);
  else lanes.get(message.lane)?.told(message.turn, message);
});

/** One lane's connection, and the request that it is at. */
class ThreadLane {
  readonly #lane: number;
  readonly #transport = new UndiciTransport(undefined, sessions);
  #turn: Turn | null = null;

  constructor(lane: number) {
    this.#lane = lane;
  }

  told(turn: number, message: ToTurn): void {
    if (message.do === "put" || message.do === "get") {
      this.#turn = new Turn(turn, (told) =>
        parentPort?.postMessage({ lane: this.#lane, turn, ...told }),
      );
      this.#turn.run(this.#transport, message).catch(endThread);
    } else if (this.#turn?.number === turn) this.#turn.told(message);
  }

  connect(origin: string): void {
    this.#transport.connect(origin);
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
  readonly #received: ToldBytes;
  readonly #abort = new AbortController();
  /** What is sent next. */
  readonly #slices = new Given<Uint8Array>();
  /** Where received bytes go. */
  readonly #rooms = new Given<Uint8Array>();

  constructor(number: number, tell: (told: FromTurn) => void) {
    this.number = number;
    this.#tell = tell;
    this.#received = new ToldBytes((bytes) => tell({ is: "moved", bytes }));
  }

  async run(transport: UndiciTransport, start: Start): Promise<void> {
    try {
      const answer = await (start.do === "put"
        ? this.#put(transport, start)
        : this.#get(transport, start));
      this.#received.flush();
      this.#tell({ is: "answered", answer });
    } catch (error) {
      this.#received.flush();
      this.#tell({ is: "failed", ...endedBy(error) });
    }
  }

  told(message: Exclude<ToTurn, Start>): void {
    if (message.do === "send") this.#slices.give(message.bytes);
    else if (message.do === "fill") this.#rooms.give(message.bytes);
    else this.#onAbort();
  }

  #put(transport: UndiciTransport, start: Extract<Start, { do: "put" }>) {
    const { url, headers, lengthBytes, newConnection } = start;
    let leftBytes = lengthBytes;
    return transport.put({
      url,
      headers,
      lengthBytes,
      next: async () => {
        const slice = await this.#slices.next();
        leftBytes -= slice.length;
        // Asked for while this slice goes out, so that the next one need not wait for the answer.
        const mostBytes = mostSliceBytes(lengthBytes - leftBytes, leftBytes);
        if (leftBytes > 0) this.#tell({ is: "wanting", mostBytes });
        return slice;
      },
      onMoved: (moved) => this.#tell({ is: "moved", bytes: moved }),
      newConnection,
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
      into: () => {
        this.#received.flush();
        this.#tell({ is: "full" });
        return this.#rooms.next();
      },
      onMoved: (bytes) => this.#received.moved(bytes),
      signal: this.#abort.signal,
    });
  }

  #onAbort(): void {
    this.#abort.abort();
    const aborted = new Error("aborted");
    this.#slices.end(aborted);
    this.#rooms.end(aborted);
  }
}

/** What the engine's thread gives one at a time, sometimes before it is waited for. */
class Given<T> {
  #given: T | null = null;
  #waiting: { resolve(given: T): void; reject(error: Error): void } | null = null;

  give(given: T): void {
    if (this.#waiting === null) this.#given = given;
    else this.#waiting.resolve(given);
    this.#waiting = null;
  }

  next(): Promise<T> {
    const given = this.#given;
    this.#given = null;
    if (given !== null) return Promise.resolve(given);
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  end(error: Error): void {
    this.#waiting?.reject(error);
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
