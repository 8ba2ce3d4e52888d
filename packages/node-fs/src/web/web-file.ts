import {
  ImageSizeError,
  SourceRefusedError,
  TransportError,
  type AnswerHead,
  type BodyMemory,
  type GetAnswer,
  type Outage,
  type Outcome,
} from "@img/transfer";
import {
  checkSame,
  notAsAsked,
  onlyThis,
  rangeOf,
  versionIn,
  type FileVersion,
} from "./web-answer.js";
import { WebRequests, type WebMemory, type WebPatience } from "./web-requests.js";

/** What the first answer says of a file on a web server. */
export interface WebFileHead extends FileVersion {
  /** Whether the server answers ranges. */
  readonly hasRanges: boolean;
}

/** Memory for a whole file. */
export interface WholeMemory extends WebMemory {
  /** How much of the file has arrived in this try. */
  readonly positionBytes: number;
  /** Called when a try begins, at the file's first byte. */
  begin(): void;
}

/** A file on a web server, from which ranges are read. */
export class WebFile {
  readonly #requests: WebRequests;
  #head: WebFileHead | null = null;

  /** Sends nothing yet. @throws {SourceUnusableError} The URL is not a web server's. */
  constructor(url: URL, patience: WebPatience) {
    this.#requests = new WebRequests(url, patience);
  }

  /**
   * Asks for the first byte, and closes the file if that fails.
   *
   * @throws {SourceUnusableError} It redirects to where it may not.
   * @throws {SourceRefusedError | SourceUnreachableError | NoProgressError} The server does not give the file.
   */
  async open(signal: AbortSignal): Promise<WebFileHead> {
    try {
      return (this.#head = await firstAnswer(this.#requests, signal));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get label(): string {
    return this.#requests.start.label;
  }

  /** Whether the label leaves out something that is needed to read the file again. */
  get hasSecret(): boolean {
    return this.#requests.start.hasSecret;
  }

  /** Once it is open. */
  get head(): WebFileHead {
    if (this.#head === null) throw new Error("bug: the URL is not open");
    return this.#head;
  }

  get outage(): Outage | null {
    return this.#requests.outage;
  }

  /**
   * Fills memories, one after the other, with the bytes from `offset` on.
   *
   * @param onFull Called with the index of each memory that is full.
   * @throws {SourceChangedError} The server has another file now.
   */
  async fetch(
    offset: number,
    memories: readonly Uint8Array[],
    onFull: (index: number) => void = () => undefined,
  ): Promise<void> {
    const lengthBytes = memories.reduce((sum, { length }) => sum + length, 0);
    const filling = new Filling(memories, onFull);
    const last = offset + lengthBytes - 1;
    await this.#requests.get<null>(
      {
        headers: () => ({
          range: `bytes=${offset + filling.filledBytes}-${last}`,
          ...onlyThis(this.head),
        }),
        onHead: (head) => {
          checkSame(this.label, this.head, head);
          return whyNot(head, offset + filling.filledBytes, last) === null ? filling : null;
        },
        outcome: (answer) => {
          if (filling.filledBytes === lengthBytes) return { ok: true, value: null };
          const why = whyNot(answer, offset + filling.filledBytes, last);
          return why === null ? cutShort(this.label, answer) : notAsAsked(this.label, answer, why);
        },
      },
      this.#requests.signal,
    );
  }

  /**
   * Fetches the whole file. Each try starts at its first byte.
   *
   * @param memory Told when a try begins.
   * @throws {SourceChangedError} The server has another file now.
   */
  async fetchWhole(memory: WholeMemory, signal: AbortSignal): Promise<void> {
    const { sizeBytes } = this.head;
    await this.#requests.get<null>(
      {
        headers: () => onlyThis(this.head),
        onHead: (head) => {
          checkSame(this.label, this.head, head);
          if (head.status !== 200) return null;
          memory.begin();
          return memory;
        },
        outcome: (answer) => {
          if (answer.status !== 200) {
            return notAsAsked(this.label, answer, "the server does not send all of the file");
          }
          const isWhole = sizeBytes === null || memory.positionBytes === sizeBytes;
          return isWhole ? { ok: true, value: null } : cutShort(this.label, answer);
        },
      },
      signal,
    );
  }

  /** Asks whether the server still has the same file. @throws {SourceChangedError} It has not. */
  async check(): Promise<void> {
    await firstAnswer(this.#requests, this.#requests.signal, this.head);
  }

  /** Idempotent. */
  close(): Promise<void> {
    return this.#requests.close();
  }
}

/** What comes of an answer that ended too early: the rest is asked for. */
function cutShort(label: string, { status }: AnswerHead): Outcome<never> {
  const error = new SourceRefusedError(label, status, "its answer was short");
  const stood = { staleSocket: false, reached: true };
  const failure = { kind: "connection", reason: "short answer", ...stood } as const;
  return { ok: false, failure, reachedBytes: 0, error };
}

const otherRange = "the server answered with another range than was asked for";

/** Why an answer does not have the bytes that were asked for; null if it has. */
function whyNot(head: AnswerHead, first: number, last: number): string | null {
  if (head.status !== 206) return "the server answered with the whole file";
  const range = rangeOf(head);
  const isIt = range?.first === first && range.last === last;
  return isIt ? null : otherRange;
}

/** Asks for the first byte. @param known The version that the file must still have. */
function firstAnswer(
  requests: WebRequests,
  signal: AbortSignal,
  known: FileVersion | null = null,
): Promise<WebFileHead> {
  const { label } = requests.start;
  return requests.get<WebFileHead>(
    {
      headers: () => ({ range: "bytes=0-0", ...(known !== null && onlyThis(known)) }),
      onHead: (head) => {
        const { status, headers } = head;
        if (known !== null) checkSame(label, known, head);
        if (status === 416 && headers["content-range"] === "bytes */0") throw new ImageSizeError(0);
        return null;
      },
      outcome: (answer) => {
        const isPart = answer.status === 206 && rangeOf(answer)?.last === 0;
        return isPart || answer.status === 200
          ? { ok: true, value: headOf(answer) }
          : notAsAsked(label, answer, otherRange);
      },
    },
    signal,
  );
}

/** A file can be read in ranges only if the answer tells its size. */
function headOf(answer: GetAnswer): WebFileHead {
  const version = versionIn(answer);
  return { ...version, hasRanges: answer.status === 206 && version.sizeBytes !== null };
}

/** Fills several memories, one after the other, over as many tries as it takes. */
class Filling implements BodyMemory {
  readonly #memories: readonly Uint8Array[];
  readonly #onFull: (index: number) => void;
  #index = 0;
  #at = 0;
  filledBytes = 0;

  constructor(memories: readonly Uint8Array[], onFull: (index: number) => void) {
    this.#memories = memories;
    this.#onFull = onFull;
  }

  into(): Uint8Array {
    const memory = this.#memories[this.#index];
    if (memory === undefined) throw new TransportError("more bytes than were announced", false);
    return memory.subarray(this.#at);
  }

  onMoved(bytes: number): void {
    this.filledBytes += bytes;
    this.#at += bytes;
    if (this.#at < this.#memories[this.#index]!.length) return;
    this.#onFull(this.#index++);
    this.#at = 0;
  }
}
