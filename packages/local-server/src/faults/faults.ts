import type { IncomingHttpHeaders } from "node:http";
import { operations } from "../http/call.js";
import type { Call, Operation } from "../http/call.js";

/** The requests that a fault matches. */
interface Strike {
  readonly on: Operation;
  /** The first matching request that is struck, counted from 1 since the fault was added. @default 1 */
  readonly nth?: number | undefined;
  /**
   * How many requests it hits from there on; Infinity for all.
   *
   * @default 1
   */
  readonly times?: number | undefined;
  /** Only requests for this part (`on: "part"`). */
  readonly partId?: number | undefined;
  /** Only requests for which this returns true. */
  readonly only?: ((request: SeenRequest) => boolean) | undefined;
}

/** A request, as `only` receives it. */
export interface SeenRequest {
  /** The HTTP method, in capitals. */
  readonly method: string;
  /** The image's id, "" for `list` and `create`. */
  readonly id: string;
  /** 0 but for `part`. */
  readonly partId: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
}

/** The kinds of faults. "The body" is that of a part's request, otherwise the answer's. */
export type FaultKind =
  /**
   * RST, FIN, or silence with the socket open. With `afterBytes` of the body read (a part: nothing is
   * stored) or sent (a download: 0 is right after the head); without, before anything.
   */
  | { readonly do: "reset" | "fin" | "stall"; readonly afterBytes?: number | undefined }
  /** The work is done and counts, but its answer never arrives; `by` is "reset" unless told otherwise. */
  | { readonly do: "lose-answer"; readonly by?: "reset" | "fin" | "silence" | undefined }
  /** Another answer instead of the server's. */
  | AnswerFault
  /** The work is done; the answer leaves `ms` later. */
  | { readonly do: "delay"; readonly ms: number }
  /** The body moves no faster than this, after `afterBytes` at full speed. */
  | {
      readonly do: "trickle";
      readonly bytesPerSec: number;
      readonly afterBytes?: number | undefined;
    }
  /** The right answer, with these headers changed, or (null) left out: `ETag`, `Content-Range`, … */
  | { readonly do: "headers"; readonly headers: Readonly<Record<string, string | null>> }
  /** A download is answered with 200 and the whole image. */
  | { readonly do: "ignore-range" }
  /** The lowest bit of the body's byte at `atByte` (from 0) is another one; 0 unless told otherwise. */
  | { readonly do: "flip-bit"; readonly atByte?: number | undefined }
  /** The answer's body is cut (negative) or continues with zeros, and its `Content-Length` says so too. */
  | { readonly do: "resize"; readonly byBytes: number }
  /** The API's right answer with these fields set, or passed through a function. */
  | {
      readonly do: "edit";
      readonly json:
        Readonly<Record<string, unknown>> | ((answer: Record<string, unknown>) => unknown);
    }
  /** The image has become `failed` before the call is looked at. */
  | { readonly do: "mark-failed" };

/** Another answer instead of the server's. */
export interface AnswerFault {
  /** Which kind of fault this is. */
  readonly do: "answer";
  /** HTTP status. */
  readonly status: number;
  /** S3's `<Code>`. @default what goes with the status: 403 AccessDenied, 404 NoSuchUpload, 503 SlowDown, … */
  readonly code?: string | undefined;
  /** @default the contract's error body for that status; "" below 400 */
  readonly body?: string | Uint8Array | undefined;
  /** Headers, which replace those that fit the body. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * "instead" of the work, once the request was read; "early", without reading its body; or
   * "after-work", which counts. @default "instead"
   */
  readonly when?: "instead" | "early" | "after-work" | undefined;
  /** After an early answer the socket stays open and unread ("hold"), or is reset. @default "hold" */
  readonly socket?: "hold" | "reset" | undefined;
}

/** The requests that a fault matches, and what goes wrong then. */
export type Fault = Strike & FaultKind;

/** A fault that was added. */
export interface AddedFault {
  /** How many requests it has hit. */
  readonly hits: number;
  /** Removes the fault. A connection that it holds open stays open until the client or the server closes it. */
  remove(): void;
}

/** The faults of a server. */
export interface Faults {
  /**
   * Adds a fault. If several match a request, the first added one hits it.
   *
   * @throws {TypeError} It can't be.
   */
  add(fault: Fault): AddedFault;
  /** Removes all. */
  clear(): void;
}

/** The server's side of it: faults, and how many requests of each kind came. */
export class FaultPlan implements Faults {
  readonly requests: Record<Operation, number> = Object.fromEntries(
    operations.map((operation) => [operation, 0]),
  ) as Record<Operation, number>;
  readonly #added = new Set<{ readonly fault: Fault; seen: number; hits: number }>();

  add(fault: Fault): AddedFault {
    checkFault(fault);
    const added = { fault, seen: 0, hits: 0 };
    this.#added.add(added);
    return {
      get hits() {
        return added.hits;
      },
      remove: () => this.#added.delete(added),
    };
  }

  clear(): void {
    this.#added.clear();
  }

  /** Counts a request, and returns the fault that hits it. */
  pick(call: Call): Fault | undefined {
    this.requests[call.operation] += 1;
    const matching = [...this.#added].filter(({ fault }) => matches(fault, call));
    for (const added of matching) added.seen += 1;
    const due = matching.find(
      ({ fault, seen, hits }) => seen >= (fault.nth ?? 1) && hits < (fault.times ?? 1),
    );
    if (due) due.hits += 1;
    return due?.fault;
  }
}

function matches(fault: Fault, call: Call): boolean {
  const { method, id, partNumber: partId, headers } = call;
  return (
    fault.on === call.operation &&
    (fault.partId === undefined || fault.partId === partId) &&
    (fault.only?.({ method, id, partId, headers }) ?? true)
  );
}

const onlyDownloads: readonly string[] = ["ignore-range"];
const onlyBodies: readonly string[] = ["flip-bit"];

/** A fault that can never match is a mistake in a test, which would pass because of it. */
function checkFault(fault: Fault): void {
  if (!operations.includes(fault.on)) throw new TypeError(`There is no operation ${fault.on}`);
  const isBytes = fault.on === "part" || fault.on === "download";
  if (onlyDownloads.includes(fault.do) && fault.on !== "download") {
    throw new TypeError(`"${fault.do}" is for downloads`);
  }
  if (onlyBodies.includes(fault.do) && !isBytes) {
    throw new TypeError(`"${fault.do}" is for parts and downloads`);
  }
  if (fault.do === "edit" && isBytes) throw new TypeError('"edit" is for the API\'s answers');
  if (fault.partId !== undefined && fault.on !== "part") throw new TypeError("partId is for parts");
}
