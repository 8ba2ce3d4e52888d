import { retryAfterMs } from "@img/core/retries";

/** How one try of something ended that may be worth another. */
export type Failure =
  /** No answer: the connection was refused, reset or ended. `reason` is the platform's code. */
  | {
      readonly kind: "connection";
      readonly reason: string;
      readonly staleSocket: boolean;
      /** Whether the other side was reached in this run. */
      readonly reached: boolean;
    }
  /** An idle rule ended it, or another connection took its part over. */
  | {
      readonly kind: "idle";
      readonly reason: "stall" | "no-answer" | "slept" | "replaced";
      /** Whether the other side was reached in this run. */
      readonly reached: boolean;
    }
  /** The object store's answer, with the code of its XML body where it has one. */
  | {
      readonly kind: "store";
      readonly status: number;
      readonly storeCode: string | null;
      readonly retryAfter: string | null;
    }
  /** A 2xx that proves nothing: no ETag, or before all of the body went out. */
  | { readonly kind: "unproven"; readonly why: string }
  /** The store's word about the part is not what was sent or asked for. */
  | { readonly kind: "mismatch"; readonly why: string }
  /** The API's answer. */
  | { readonly kind: "api"; readonly status: number; readonly retryAfter: string | null }
  /** The API has accepted what was asked, and is not done yet. */
  | { readonly kind: "unfinished" }
  /** The API's answer cannot be read, or is about something else. */
  | { readonly kind: "unreadable"; readonly why: string };

/** What was tried so far for one part or call. Progress sets it back, but for what stays a fact. */
export interface Tries {
  /** Failures that cost a try, since the last progress. */
  readonly failures: number;
  /** Fresh URLs that were refused in a row. */
  readonly refusedUrls: number;
  /** Answers in a row that proved nothing or were not about what was sent. */
  readonly mismatches: number;
  /** 401s in a row. */
  readonly unauthorized: number;
  /** Ends of a connection for reasons that are not known to pass. */
  readonly unexplained: number;
}

export const noTries: Tries = {
  failures: 0,
  refusedUrls: 0,
  mismatches: 0,
  unauthorized: 0,
  unexplained: 0,
};

/** What to do about a failure. */
export type Verdict = Again | { readonly do: "give-up" };

interface Again {
  /** With a fresh URL ("mint"), or with the part's bytes read once more, if they were doubted ("reread"). */
  readonly do: "again" | "mint" | "reread";
  readonly waitMs: number;
  /** Whether fewer requests should be sent at the same time. */
  readonly slowDown: boolean;
  readonly tries: Tries;
}

const giveUp: Verdict = { do: "give-up" };

/** Ends of a connection that no other try will change, by the platform's code. */
const hopeless =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_INVALID_URL)/;

/** Ends of a connection that stood, which may pass. */
const broken =
  /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ERR_SSL_\w*BAD_RECORD\w*|short answer|the proxy answered (?:408|429|50[0234]))$/;

/** Why there may be no connection just now. Browsers tell nothing, or these sentences. */
const notThere = new RegExp(
  `^(?:${[
    "ECONN(?:REFUSED|ABORTED)|ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT",
    "E(?:HOST|NET)(?:UNREACH|DOWN)|ENETRESET|EADDRNOTAVAIL",
    "EAI_AGAIN|EAI_NODATA|ENOTFOUND",
    "ENOBUFS",
    "|no connection, .*|the browser is offline",
  ].join("|")})$`,
);

/** Tries that end for a reason that is not known to pass. */
const mostUnexplained = 5;

/** Waits between the tries to reach a host that was never reached in this run: five over 15 s. */
const unreachedWaitsMs = [1_000, 2_000, 4_000, 8_000];

/** The most that a `Retry-After` is obeyed. */
const longestRetryAfterMs = 60_000;

/** The longest wait after so many failures; doubled with each, and at most 30 s. */
const backoffMs = (failures: number): number => Math.min(500 * 2 ** failures, 30_000);

/**
 * The table of what is tried again, and after how long. Pure: chance and time are given.
 *
 * @param random From 0 to 1, for the jitter.
 */
export function judge(failure: Failure, tries: Tries, random: number, nowMs: number): Verdict {
  switch (failure.kind) {
    case "connection":
      if (failure.staleSocket) return again(tries, 0);
      return judgeConnection(failure, tries, random);
    case "idle":
      if (failure.reason === "slept" || failure.reason === "replaced") return again(tries, 0);
      return failure.reached ? counted(tries, random) : unreached(tries);
    case "store":
      return judgeStore(failure, tries, random, nowMs);
    case "unfinished":
      return counted(tries, random);
    case "unproven":
    case "unreadable": {
      const seen = { ...tries, mismatches: tries.mismatches + 1 };
      return seen.mismatches >= 5 ? giveUp : counted(seen, random);
    }
    case "mismatch": {
      const seen = { ...tries, mismatches: tries.mismatches + 1 };
      return seen.mismatches >= 2 ? giveUp : again(seen, 0, "reread");
    }
    case "api":
      return judgeApi(failure, tries, random, nowMs);
  }
}

function judgeConnection(
  { reason, reached }: Failure & { kind: "connection" },
  tries: Tries,
  random: number,
): Verdict {
  if (hopeless.test(reason)) return giveUp;
  if (broken.test(reason)) return counted(tries, random);
  if (notThere.test(reason)) return reached ? counted(tries, random) : unreached(tries);
  const seen = { ...tries, unexplained: tries.unexplained + 1 };
  return seen.unexplained >= mostUnexplained ? giveUp : counted(seen, random);
}

/** A host that was never reached may be a wrong address, or a network that is not up yet. */
function unreached(tries: Tries): Verdict {
  const waitMs = unreachedWaitsMs[tries.failures];
  if (waitMs === undefined) return giveUp;
  return again({ ...tries, failures: tries.failures + 1 }, waitMs);
}

function judgeStore(
  failure: Failure & { kind: "store" },
  tries: Tries,
  random: number,
  nowMs: number,
): Verdict {
  const { status, storeCode } = failure;
  if (storeCode === "BadDigest" || storeCode === "InvalidDigest") {
    return judge({ kind: "mismatch", why: storeCode }, tries, random, nowMs);
  }
  if (status === 403) {
    const seen = { ...tries, refusedUrls: tries.refusedUrls + 1 };
    return seen.refusedUrls >= 3 ? giveUp : again(seen, 0, "mint");
  }
  const isTooFast = status === 429 || status === 503;
  const mayPass =
    status === 408 || (status >= 500 && status !== 501) || storeCode === "RequestTimeout";
  if (!mayPass && !isTooFast && storeCode !== "OperationAborted") return giveUp;
  const counts = counted(tries, random, retryAfter(failure.retryAfter, nowMs));
  return { ...counts, slowDown: isTooFast };
}

function judgeApi(
  failure: Failure & { kind: "api" },
  tries: Tries,
  random: number,
  nowMs: number,
): Verdict {
  const { status } = failure;
  if (status === 401) {
    const seen = { ...tries, unauthorized: tries.unauthorized + 1 };
    return seen.unauthorized >= 2 ? giveUp : again(seen, 0);
  }
  if (status !== 408 && status !== 429 && (status < 500 || status === 501)) return giveUp;
  const seen = { ...tries, unauthorized: 0 };
  return counted(seen, random, retryAfter(failure.retryAfter, nowMs));
}

const again = (tries: Tries, waitMs: number, how: Again["do"] = "again"): Again => ({
  do: how,
  waitMs,
  slowDown: false,
  tries,
});

/** One more failure that counts: full jitter over an exponential backoff, or what the answer asked for. */
function counted(tries: Tries, random: number, askedMs: number | null = null): Again {
  const waitMs = askedMs ?? random * backoffMs(tries.failures);
  return again({ ...tries, failures: tries.failures + 1 }, waitMs);
}

/** Clamped; null where there is none, or none that makes sense: then the backoff decides. */
function retryAfter(header: string | null, nowMs: number): number | null {
  const askedMs = retryAfterMs(header, nowMs) ?? 0;
  return askedMs <= 0 ? null : Math.min(askedMs, longestRetryAfterMs);
}

/** How long to wait for an answer once all is sent: 30 s, doubled with each failure, to 5 min. */
export const answerMs = (failures: number): number => Math.min(30_000 * 2 ** failures, 300_000);
