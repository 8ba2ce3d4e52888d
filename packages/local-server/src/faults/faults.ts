import type { IncomingHttpHeaders } from "node:http";
import { operations } from "../http/call.js";
import type { Call, Operation } from "../http/call.js";

/** The requests that a fault matches. */
interface Strike {
  readonly on: Operation;
  /** The first matching request that is hit, counted from 1 since the fault was added. @default 1 */
  readonly nth?: number | undefined;
  /** The number of requests that are hit from there on; Infinity for all. @default 1 */
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
  /** The part's number for `part`, else 0. */
  readonly partId: number;
  /** The headers. Names are in lower case. */
  readonly headers: IncomingHttpHeaders;
}

/** The kinds of faults. "The body" is that of a part's request, otherwise the answer's. */
export type FaultKind =
  /**
   * RST, FIN, or silence with the socket open. With `afterBytes`, after that much of the body was read (a part:
   * nothing is stored) or sent (a download: 0 is right after the head); without, before anything.
   */
  | { readonly do: "reset" | "fin" | "stall"; readonly afterBytes?: number | undefined }
  /** The work is done and counts, but its answer never arrives. The default of `by` is "reset". */
  | { readonly do: "lose-answer"; readonly by?: "reset" | "fin" | "silence" | undefined }
  /** Another answer instead of the server's. */
  | AnswerFault
  /** The work is done; its answer is sent `ms` later. */
  | { readonly do: "delay"; readonly ms: number }
  /** The body moves at this rate, after `afterBytes` at full speed. */
  | {
      readonly do: "trickle";
      readonly bytesPerSec: number;
      readonly afterBytes?: number | undefined;
    }
  /** The right answer, with these headers changed, or (null) removed: `ETag`, `Content-Range`, … */
  | { readonly do: "headers"; readonly headers: Readonly<Record<string, string | null>> }
  /** A download is answered with 200 and the whole image. */
  | { readonly do: "ignore-range" }
  /** The lowest bit of the body's byte at `atByte` (from 0) is flipped. The default is 0. */
  | { readonly do: "flip-bit"; readonly atByte?: number | undefined }
  /** The answer's body is cut (negative) or extended with zeros; its `Content-Length` fits. */
  | { readonly do: "resize"; readonly byBytes: number }
  /** The API's right answer with these fields set, or passed through a function. */
  | {
      readonly do: "edit";
      readonly json:
        Readonly<Record<string, unknown>> | ((answer: Record<string, unknown>) => unknown);
    }
  /** The image becomes `failed` before the call is handled. */
  | { readonly do: "mark-failed" };

/** Another answer instead of the server's. */
export interface AnswerFault {
  /** The kind of fault. */
  readonly do: "answer";
  /** The HTTP status. */
  readonly status: number;
  /** S3's `<Code>`. @default the one that fits the status: 403 AccessDenied, 404 NoSuchUpload, 503 SlowDown, … */
  readonly code?: string | undefined;
  /** The body. @default the contract's error body for that status; "" below 400 */
  readonly body?: string | Uint8Array | undefined;
  /** Headers, which replace those that fit the body. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * When to answer: "instead" of the work, once the request was read; "early", without reading its body; or
   * "after-work", which counts.
   *
   * @default "instead"
   */
  readonly when?: "instead" | "early" | "after-work" | undefined;
  /**
   * What happens to the socket after an early answer: it stays open and unread ("hold"), or is reset.
   *
   * @default "hold"
   */
  readonly socket?: "hold" | "reset" | undefined;
}

/** A fault: the requests that it matches, and what goes wrong. */
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
   * Adds a fault. If several match a request, the first one that was added hits it.
   *
   * @throws {TypeError} The fault is impossible.
   */
  add(fault: Fault): AddedFault;
  /** Removes all faults. */
  clear(): void;
}

/** The server's side of the faults: keeps them, and counts the requests of each operation. */
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

/** Refuses a fault that can never match: a test with such a mistake would pass because of it. */
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
