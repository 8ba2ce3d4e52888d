import { SourceUnusableError } from "@img/transfer";
import { notAsAsked } from "./web-answer.js";
import { WebRequests, type WebMemory, type WebPatience } from "./web-requests.js";

/** Of {@link readUrlText}. */
export interface ReadUrlTextOptions extends WebPatience {
  /** The most that is read, in bytes. @default 4 MiB */
  readonly mostBytes?: number | undefined;
  /** Ends the reading: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a short text from a web server, such as a list of SHA-256s, by the rules for the URLs that are uploaded.
 *
 * @throws {SourceUnusableError} The URL is not one of a web server, redirects to where it may not, or has a longer text.
 * @throws {SourceRefusedError | SourceUnreachableError | NoProgressError} The server does not give it.
 */
export async function readUrlText(url: URL, options: ReadUrlTextOptions = {}): Promise<string> {
  const { mostBytes = 4 * 1024 * 1024, signal = new AbortController().signal } = options;
  const requests = new WebRequests(url, options);
  const { label } = requests.start;
  let text = new ShortText(label, mostBytes);
  try {
    return await requests.get<string>(
      {
        headers: () => ({}),
        onHead: (head) => {
          text = new ShortText(label, mostBytes);
          return head.status === 200 ? text : null;
        },
        outcome: (answer) =>
          answer.status === 200
            ? { ok: true, value: text.toString() }
            : notAsAsked(label, answer, "the server does not send all of it"),
      },
      signal,
    );
  } finally {
    await requests.close();
  }
}

const pieceBytes = 16 * 1024;

class ShortText implements WebMemory {
  readonly #label: string;
  readonly #mostBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #lengthBytes = 0;

  constructor(label: string, mostBytes: number) {
    this.#label = label;
    this.#mostBytes = mostBytes;
  }

  into(): Uint8Array {
    const piece = new Uint8Array(pieceBytes);
    this.#pieces.push(piece);
    return piece;
  }

  onMoved(bytes: number): void {
    this.#lengthBytes += bytes;
    if (this.#lengthBytes <= this.#mostBytes) return;
    throw new SourceUnusableError(`${this.#label} is longer than ${this.#mostBytes} bytes.`);
  }

  toString(): string {
    return Buffer.concat(this.#pieces).subarray(0, this.#lengthBytes).toString();
  }
}
