import {
  AnswerText,
  enoughText,
  kept,
  TransportError,
  type AnswerHead,
  type BodyMemory,
  type GetAnswer,
  type GetRequest,
  type PartTransport,
  type PutAnswer,
  type PutRequest,
} from "@img/transfer";
import { mostSliceBytes } from "../http/part-body.js";
import { sharedMemory } from "../hashing/digest.js";
import type { LaneThread } from "./lane-thread.js";
import type { LaneThreadPool } from "./lane-thread-pool.js";
import type { FromTurn, ToTurn } from "./messages.js";

/** What becomes of the messages of one request. What it throws ends the request, and is what it ends with. */
type OnTold = (message: FromTurn) => void | Promise<void>;

/** One lane's transport whose connection is in another thread. */
export class ThreadTransport implements PartTransport {
  readonly #threads: LaneThreadPool;
  readonly #lane = nextLane++;
  #thread: LaneThread | null = null;
  #turn: Turn | null = null;
  #turns = 0;
  #isClosed = false;
  #onEnded: () => void = () => undefined;

  constructor(threads: LaneThreadPool) {
    this.#threads = threads;
  }

  async put(request: PutRequest): Promise<PutAnswer> {
    const { url, headers, lengthBytes, newConnection = false } = request;
    const turn = this.#begin(request.signal, (message) => {
      if (message.is === "wanting") turn.beside(() => send(message.mostBytes));
      if (message.is === "moved") request.onMoved(message.bytes);
    });
    const send = async (mostBytes: number): Promise<void> => {
      turn.tell({ do: "send", bytes: await request.next(mostBytes) });
    };
    turn.tell({ do: "put", url, headers, lengthBytes, newConnection });
    turn.beside(() => send(mostSliceBytes(0, lengthBytes)));
    return (await this.#through(turn)) as PutAnswer;
  }

  async get(request: GetRequest): Promise<GetAnswer> {
    const { url, headers } = request;
    const text = new AnswerText(sharedMemory);
    let memory: BodyMemory = text;
    const seen: { head: AnswerHead | null } = { head: null };
    const turn = this.#begin(request.signal, async (message) => {
      if (message.is === "head") {
        seen.head = message.head;
        if (request.onHead(message.head)) memory = request;
      }
      if (message.is === "full") turn.tell({ do: "fill", bytes: await memory.into() });
      if (message.is === "moved") memory.onMoved(message.bytes);
    });
    turn.tell({ do: "get", url, headers });
    try {
      return { ...(await this.#through(turn)), text: text.text };
    } catch (error) {
      const { head } = seen;
      if (error === enoughText && head !== null) return { ...head, text: text.text };
      throw error;
    }
  }

  connect(origin: string): void {
    if (!this.#isClosed) this.#openThread().tell({ lane: this.#lane, do: "connect", origin });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const thread = this.#thread;
    this.#thread = null;
    if (thread === null) return;
    const ended = kept(new Promise<void>((resolve) => (this.#onEnded = resolve)));
    thread.tell({ lane: this.#lane, do: "close" });
    if (!thread.gone) await ended;
    await this.#threads.giveBack(thread);
  }

  #begin(signal: AbortSignal, onTold: OnTold): Turn {
    signal.throwIfAborted();
    const thread = this.#openThread();
    const number = ++this.#turns;
    const tell = (message: ToTurn): void =>
      thread.tell({ lane: this.#lane, turn: number, ...message });
    this.#turn = new Turn(number, signal, onTold, tell);
    return this.#turn;
  }

  async #through(turn: Turn): Promise<AnswerHead> {
    try {
      return await turn.answer();
    } finally {
      this.#turn = null;
    }
  }

  #openThread(): LaneThread {
    if (this.#thread !== null && !this.#thread.gone) return this.#thread;
    const thread = this.#threads.take();
    thread.follow(this.#lane, {
      told: (turn, message) => {
        if (this.#turn?.number === turn) this.#turn.told(message);
      },
      ended: () => {
        const reason = "the lane's thread ended";
        this.#turn?.told({ is: "failed", reason, staleSocket: false, through: null });
        this.#onEnded();
      },
    });
    thread.tell({ lane: this.#lane, do: "open" });
    this.#thread = thread;
    return thread;
  }
}

let nextLane = 1;

/** One request, from the engine's side: its messages are taken one after the other. */
class Turn {
  readonly number: number;
  readonly tell: (message: ToTurn) => void;
  readonly #signal: AbortSignal;
  readonly #onTold: OnTold;
  readonly #ended: Promise<AnswerHead | TransportError>;
  #end!: (answer: AnswerHead | TransportError) => void;
  #taking: Promise<void> = Promise.resolve();
  /** What taking a message threw. */
  #refused: Error | null = null;

  constructor(
    number: number,
    signal: AbortSignal,
    onTold: OnTold,
    tell: (message: ToTurn) => void,
  ) {
    this.number = number;
    this.tell = tell;
    this.#signal = signal;
    this.#onTold = onTold;
    this.#ended = kept(new Promise((resolve) => (this.#end = resolve)));
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  told(message: FromTurn): void {
    if (message.is === "answered") this.#end(message.answer);
    else if (message.is === "failed") {
      this.#end(new TransportError(message.reason, message.staleSocket, message.through));
    } else this.#taking = kept(this.#taking.then(() => this.#take(() => this.#onTold(message))));
  }

  /** Does something that messages need not wait for. */
  beside(work: () => Promise<void>): void {
    this.#take(work).catch(() => undefined); // `answer` rejects with what it threw
  }

  /** Settles when the thread is through with the request, and all that it told was taken. */
  async answer(): Promise<AnswerHead> {
    const answer = await this.#ended;
    await this.#taking;
    this.#signal.removeEventListener("abort", this.#abort);
    if (this.#refused !== null) throw this.#refused;
    if (!(answer instanceof TransportError)) return answer;
    this.#signal.throwIfAborted();
    throw answer;
  }

  readonly #abort = (): void => this.tell({ do: "abort" });

  async #take(work: () => void | Promise<void>): Promise<void> {
    if (this.#refused !== null) return;
    try {
      await work();
    } catch (error) {
      this.#refused = error as Error;
      this.#abort();
    }
  }
}
