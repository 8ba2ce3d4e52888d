import { describe, expect, test } from "vitest";
import { answerMs, judge, noTries, type Failure, type Tries } from "./retry.js";

const nowMs = Date.UTC(2030, 0, 1);
const verdict = (failure: Failure, tries: Partial<Tries> = {}, random = 1) =>
  judge(failure, { ...noTries, ...tries }, random, nowMs);
const connection = (reason: string, staleSocket = false, reached = true): Failure => ({
  kind: "connection",
  reason,
  staleSocket,
  reached,
});
const idle = (reason: "stall" | "no-answer" | "slept" | "replaced", reached = true): Failure => ({
  kind: "idle",
  reason,
  reached,
});
const store = (status: number, storeCode: string | null = null, retryAfter: string | null = null) =>
  ({ kind: "store", status, storeCode, retryAfter }) as const;
const api = (status: number, retryAfter: string | null = null) =>
  ({ kind: "api", status, retryAfter }) as const;

type Row = [what: string, failure: Failure, does: string];

const table: Row[] = [
  ["a reset", connection("ECONNRESET"), "again, counted"],
  ["a refused connection", connection("ECONNREFUSED"), "again, counted"],
  ["a name that cannot be looked up just now", connection("EAI_AGAIN"), "again, counted"],
  ["no code at all", connection(""), "again, counted"],
  ["a stale socket", connection("ECONNRESET", true), "again"],
  ["a name that was known before", connection("ENOTFOUND"), "again, counted"],
  ["a timeout", connection("ETIMEDOUT"), "again, counted"],
  ["a network that is down", connection("ENETDOWN"), "again, counted"],
  ["a host without a route", connection("EHOSTUNREACH"), "again, counted"],
  [
    "a broken TLS record",
    connection("ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC"),
    "again, counted",
  ],
  ["an answer that was cut", connection("short answer"), "again, counted"],
  ["a browser that is offline", connection("the browser is offline"), "again, counted"],
  ["a proxy that does not reach it", connection("the proxy answered 502"), "again, counted"],
  ["a URL that is none", connection("ERR_INVALID_URL"), "give-up"],
  ["a certificate that has expired", connection("CERT_HAS_EXPIRED"), "give-up"],
  ["a certificate for another host", connection("ERR_TLS_CERT_ALTNAME_INVALID"), "give-up"],
  ["a certificate of nobody", connection("DEPTH_ZERO_SELF_SIGNED_CERT"), "give-up"],
  ["a chain that ends nowhere", connection("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "give-up"],
  ["a code that only has a hopeless one in it", connection("SSL_CERT_X"), "again, counted"],
  ["a stall", idle("stall"), "again, counted"],
  ["no answer", idle("no-answer"), "again, counted"],
  ["a sleep", idle("slept"), "again"],
  ["a connection that another one replaces", idle("replaced"), "again"],
  ["an unproven 2xx", { kind: "unproven", why: "" }, "again, counted"],
  ["an unreadable answer", { kind: "unreadable", why: "" }, "again, counted"],
  ["a mismatch", { kind: "mismatch", why: "" }, "reread"],
  ["400 BadDigest", store(400, "BadDigest"), "reread"],
  ["400 InvalidDigest", store(400, "InvalidDigest"), "reread"],
  ["400 RequestTimeout", store(400, "RequestTimeout"), "again, counted"],
  ["400 otherwise", store(400, "InvalidArgument"), "give-up"],
  ["403", store(403, "AccessDenied"), "mint"],
  ["404 NoSuchUpload", store(404, "NoSuchUpload"), "give-up"],
  ["408", store(408), "again, counted"],
  ["409 OperationAborted", store(409, "OperationAborted"), "again, counted"],
  ["409 otherwise", store(409), "give-up"],
  ["413", store(413), "give-up"],
  ["429 of the store", store(429), "again, counted, slower"],
  ["503 of the store", store(503, "SlowDown"), "again, counted, slower"],
  ["500 of the store", store(500, "InternalError"), "again, counted"],
  ["502 of the store", store(502), "again, counted"],
  ["504 of the store", store(504), "again, counted"],
  ["501 of the store", store(501), "give-up"],
  ["401 of the API", api(401), "again"],
  ["403 of the API", api(403), "give-up"],
  ["404 of the API", api(404), "give-up"],
  ["408 of the API", api(408), "again, counted"],
  ["429 of the API", api(429), "again, counted"],
  ["500 of the API", api(500), "again, counted"],
  ["501 of the API", api(501), "give-up"],
  ["503 of the API", api(503), "again, counted"],
];

test.each(table)("%s: %o is judged %s", (_, failure, does) => {
  const judged = verdict(failure);

  const counted = judged.do === "again" && judged.tries.failures === 1 ? ", counted" : "";
  const slower = judged.do !== "give-up" && judged.slowDown ? ", slower" : "";
  expect(judged.do + counted + slower).toBe(does);
});

describe("what ends after so many in a row", () => {
  test.each([
    ["mismatches", { kind: "mismatch", why: "" }, 2],
    ["mismatches", { kind: "unproven", why: "" }, 5],
    ["mismatches", { kind: "unreadable", why: "" }, 5],
    ["refusedUrls", store(403), 3],
    ["unauthorized", api(401), 2],
  ] as const)("%s: %o ends at the %i", (count, failure, most) => {
    expect(verdict(failure, { [count]: most - 2 }).do).not.toBe("give-up");
    expect(verdict(failure, { [count]: most - 1 }).do).toBe("give-up");
  });

  test("a 401 after another answer of the API is the first again", () => {
    const after = verdict(api(503), { unauthorized: 1 });

    expect(after).toMatchObject({ do: "again", tries: { unauthorized: 0 } });
  });
});

describe("a host that was never reached", () => {
  // fault N10
  test.each([
    connection("ENOTFOUND", false, false),
    connection("ECONNREFUSED", false, false),
    connection("", false, false),
    idle("no-answer", false),
  ])("%o is given up after 5 tries over 15 s", (failure) => {
    const waitsMs: number[] = [];
    let tries = noTries;
    for (;;) {
      const judged = verdict(failure, tries);
      if (judged.do === "give-up") break;
      waitsMs.push(judged.waitMs);
      tries = judged.tries;
    }
    expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  test.each(["slept", "replaced"] as const)("%s is no try", (reason) => {
    const judged = verdict(idle(reason, false), { failures: 4 });

    expect(judged).toMatchObject({ do: "again", waitMs: 0, tries: { failures: 4 } });
  });
});

// fault N11, D37
test.each([
  "EMFILE",
  "ENFILE",
  "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
  "ERR_OUT_OF_MEMORY",
  "the lane's thread ended",
  "the proxy answered 407",
  "the proxy answered 403",
  "an answer that was not asked for",
  "ECONNRESETX",
  "XECONNRESET",
])(
  "%s is not known to pass: given up at the 5th, whatever was reached or moved between",
  (reason) => {
    for (const reached of [true, false]) {
      const failure = connection(reason, false, reached);
      expect(verdict(failure, { unexplained: 3 })).toMatchObject({
        do: "again",
        tries: { unexplained: 4, failures: 1 },
      });
      expect(verdict(failure, { unexplained: 4 })).toEqual({ do: "give-up" });
    }
  },
);

describe("the wait", () => {
  test("without a count is none", () => {
    expect(verdict(store(403))).toMatchObject({ waitMs: 0 });
    expect(verdict(api(401))).toMatchObject({ waitMs: 0 });
    expect(verdict(connection("EPIPE", true), { failures: 9 })).toMatchObject({ waitMs: 0 });
  });

  test.each([
    [0, 500],
    [1, 1_000],
    [4, 8_000],
    [6, 30_000],
    [5_000, 30_000],
  ])("after %i failures is at most %i ms, with full jitter", (failures, mostMs) => {
    expect(verdict(api(500), { failures }, 1)).toMatchObject({ waitMs: mostMs });
    expect(verdict(api(500), { failures }, 0.25)).toMatchObject({ waitMs: mostMs / 4 });
    expect(verdict(api(500), { failures }, 0)).toMatchObject({ waitMs: 0 });
  });

  test.each([
    ["seconds", "7", 7_000],
    ["a date", new Date(nowMs + 9_000).toUTCString(), 9_000],
    ["far too much", "1000000000", 60_000],
    ["nothing", "0", 500],
    ["a date in the past", new Date(nowMs - 9_000).toUTCString(), 500],
    ["garbage", "soon", 500],
  ])("is what Retry-After says: %s", (_, header, waitMs) => {
    for (const failure of [api(503, header), store(503, null, header), store(500, null, header)]) {
      expect(verdict(failure)).toMatchObject({ waitMs });
    }
  });

  test("for an answer doubles with each failure, up to 5 min", () => {
    expect([0, 1, 2, 3, 4, 1_000].map(answerMs)).toEqual([
      30_000, 60_000, 120_000, 240_000, 300_000, 300_000,
    ]);
  });
});
