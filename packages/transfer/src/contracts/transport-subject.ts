import type { AnswerHead, GetRequest, PartTransport, PutRequest } from "../ports.js";
import { bytesOf, expectBytes, expectEqual } from "./expect.js";

/** How the store answers. It takes all of a request's body in first. */
export interface StoreAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Beside `Content-Length`, which the store adds. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent whole, unless `ends` says otherwise. */
  readonly body: Uint8Array;
  /**
   * Where the connection is reset in place of an answer's end: before its head, or after half of its
   * body. `silence` says nothing, and leaves the connection open.
   */
  readonly ends?: "before its head" | "halfway" | "silence" | undefined;
}

/** What has come in at one URL. */
export interface ReceivedRequest {
  /** As it came: `PUT` or `GET`. */
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** All of it. */
  readonly body: Uint8Array;
}

/** A moment in the life of a connection. */
export type Moment =
  | "the TLS handshake"
  | "the body of its request"
  | "the wait for its answer"
  | "the body of its answer";

/** A server whose connections stop at one moment: nothing more comes from it. */
export interface Hanging {
  /** Its query says `secret`. */
  readonly url: string;
  /** Resolves when a connection has come to that moment. */
  readonly arrived: Promise<void>;
  /** Resolves when no connection to it is open. */
  readonly closed: () => Promise<void>;
}

/** A transport, and a store on a real connection. */
export interface TransportSubject {
  /** The transport under test, which has sent nothing yet. */
  readonly transport: PartTransport;
  /** As `Platform.allocate`. */
  allocate(bytes: number): Uint8Array;
  /** Resolves to a URL of its own that is answered so; its query says `secret`. */
  serve(answer: StoreAnswer): Promise<string>;
  /** The requests that have come in whole at this URL. */
  received(url: string): Promise<readonly ReceivedRequest[]>;
  /** Starts a server that hangs, which is closed with the subject. */
  hang(at: Moment): Promise<Hanging>;
  /** Closes transport, store and servers. */
  close(): Promise<void>;
}

const never = new AbortController().signal;
export const part: Uint8Array = bytesOf(300_001);
export const ok: StoreAnswer = { status: 200, headers: { etag: '"part"' }, body: new Uint8Array() };

/** Whatever happened to a connection, the next request goes its way. */
export async function expectStillWorks(subject: TransportSubject): Promise<void> {
  const url = await subject.serve(ok);
  const { status, sentAll } = await subject.transport.put(putOf(subject, url));
  expectEqual([status, sentAll], [200, true]);
  const [arrived] = await subject.received(url);
  expectBytes(arrived?.body ?? new Uint8Array(), part);
}

/** A PUT of bytes. */
export function putOf(
  subject: TransportSubject,
  url: string,
  given: Partial<PutRequest> = {},
  bytes: Uint8Array = part,
): PutRequest {
  const memory = inMemory(subject, bytes);
  let givenBytes = 0;
  const whole: PutRequest = {
    url,
    headers: {},
    lengthBytes: bytes.length,
    next: (mostBytes) => memory.subarray(givenBytes, (givenBytes += mostBytes)),
    onMoved: () => undefined,
    signal: never,
  };
  return { ...whole, ...given };
}

/** What a GET fills, in pieces of 100,000 bytes. */
export class Got {
  readonly heads: AnswerHead[] = [];
  wanted = true;
  /** Waited for before there is memory for more. */
  onFull: () => void | Promise<void> = () => undefined;
  onMoved: () => void = () => undefined;
  readonly #subject: TransportSubject;
  readonly #rooms: Uint8Array[] = [];
  #length = 0;

  constructor(subject: TransportSubject) {
    this.#subject = subject;
  }

  request(url: string, headers: Readonly<Record<string, string>> = {}): GetRequest {
    return {
      url,
      headers,
      onHead: (head) => {
        this.heads.push(head);
        return this.wanted;
      },
      into: () => {
        const waiting = this.onFull();
        return waiting === undefined ? this.#room() : waiting.then(() => this.#room());
      },
      onMoved: (bytes) => {
        this.#length += bytes;
        this.onMoved();
      },
      signal: never,
    };
  }

  #room(): Uint8Array {
    expectEqual(this.#length, this.#rooms.length * roomBytes); // what it gave before is full
    const room = this.#subject.allocate(roomBytes);
    this.#rooms.push(room);
    return room;
  }

  get bytes(): Uint8Array {
    const all = new Uint8Array(this.#rooms.length * roomBytes);
    for (const [index, room] of this.#rooms.entries()) all.set(room, index * roomBytes);
    return all.subarray(0, this.#length);
  }
}

const roomBytes = 100_000;

/** The middle of larger memory, so that what is around it would be seen. */
function inMemory(subject: TransportSubject, bytes: Uint8Array): Uint8Array {
  const memory = subject.allocate(bytes.length + 200).fill(0xaa);
  const middle = memory.subarray(100, 100 + bytes.length);
  middle.set(bytes);
  return middle;
}
