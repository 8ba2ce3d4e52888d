import type { TransferProgress } from "@img/node-fs";
import { expect, test } from "vitest";
import { textWidth } from "./text-width.js";
import { transferLines, type TransferView } from "./transfer-view.js";

const GiB = 1024 ** 3;
const plain = { color: false, unicode: true };

const progress: TransferProgress = {
  phase: "moving",
  sizeBytes: 2 * GiB,
  doneBytes: 1.1 * GiB,
  inFlightBytes: 0.06 * GiB,
  digestedBytes: 1.2 * GiB,
  partsDone: 74,
  partsTotal: 128,
  partsInFlight: 4,
  lanes: 4,
  bytesPerSecond: 412 * 1024 ** 2,
  etaMs: 2100,
  limitedBy: "network",
};

const view: TransferView = {
  subject: {
    label: "debian-12.img",
    name: "debian-12.img",
    direction: "up",
    piped: false,
  },
  progress,
  etaSec: 3,
  trouble: null,
};

const noBar = /[━╸─]+/g;
const shown = (columns: number, change: Partial<TransferView> = {}): string[] =>
  transferLines({ ...view, ...change }, columns, plain).map((line) => line.replace(noBar, "BAR"));

test("a wide terminal shows everything: percent, bytes, rate, time left, parts and what limits it", () => {
  expect(shown(100)).toEqual([
    "debian-12.img BAR  58%",
    "  1.16 of 2.00 GiB · 412 MiB/s · 3 s left · 74/128 parts, 4 in flight · limited by the network",
  ]);
});

test("a narrower one leaves out parts first, then what limits it, then the bytes", () => {
  expect(shown(80)[1]).toBe("  1.16 of 2.00 GiB · 412 MiB/s · 3 s left · limited by the network");
  expect(shown(60)[1]).toBe("  1.16 of 2.00 GiB · 412 MiB/s · 3 s left");
  expect(shown(41)[1]).toBe("  412 MiB/s · 3 s left");
});

test("before anything has moved there is no rate, and nothing that limits it", () => {
  const none = { ...progress, doneBytes: 0, inFlightBytes: 0, bytesPerSecond: 0 };
  expect(shown(100, { progress: none, etaSec: null })[1]).toBe("  0.00 of 2.00 GiB");
});

test("a very narrow one gets one line without a bar", () => {
  expect(shown(30)).toEqual(["58% 412 MiB/s 3 s left"]);
  expect(shown(16)).toEqual(["58% 412 MiB/s"]);
});

test("the bar is as long as what was moved", () => {
  const [line] = transferLines(view, 45, plain);
  expect(line).toBe("debian-12.img ━━━━━━━━━━━━━━╸──────────  58%");
});

test("without Unicode the bar is ASCII", () => {
  const [line] = transferLines(view, 45, { color: false, unicode: false });
  expect(line).toBe("debian-12.img ##############-----------  58%");
});

test.each([1, 20, 39, 40, 41, 60, 79, 80, 200])(
  "no line is longer than a terminal of %d columns, nor touches its last one",
  (columns) => {
    const subject = { ...view.subject, label: `${"long-".repeat(40)}.img` };
    for (const line of transferLines({ ...view, subject }, columns, plain)) {
      expect(textWidth(line)).toBeLessThan(Math.max(columns, 11));
    }
  },
);

test("before anything moves it says so, and why where there is a reason", () => {
  const nothing = { progress: null, etaSec: null };
  expect(shown(80, nothing)).toEqual(["debian-12.img BAR     ", "  preparing the upload"]);
  const trouble = "GET /v2/images: ECONNREFUSED";
  expect(shown(80, { ...nothing, trouble })[1]).toBe("  connection refused, trying again");
  expect(shown(80, { ...nothing, trouble: "GET /v2/images: 503" })[1]).toBe(
    "  GET /v2/images: 503, trying again",
  );
});

const outage = {
  reason: "connect ECONNREFUSED 127.0.0.1:8080",
  isReachable: false,
  failedTries: 3,
  retryInMs: 7_200,
  giveUpInMs: 580_000,
};
const out = { ...progress, doneBytes: 64 * 1024 ** 2, bytesPerSecond: 0, etaMs: null, outage };

test("an outage looks like one: no rate and no time left, but when it is tried again, and what is safe", () => {
  expect(shown(110, { progress: out, etaSec: null })[1]).toBe(
    "  Server not reachable (connection refused). Retrying in 8 s, giving up in 9 min 40 s. 64.0 MiB are safe.",
  );
  expect(shown(90, { progress: out, etaSec: null })[1]).toBe(
    "  Server not reachable (connection refused). Retrying in 8 s, giving up in 9 min 40 s.",
  );
  expect(shown(60, { progress: out, etaSec: null })[1]).toBe(
    "  Server not reachable (connection refused).",
  );
});

test.each([
  ["The part 3 failed: CERT_HAS_EXPIRED.", "its certificate has expired"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "its answer is not TLS"],
  ["ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC", "the TLS connection failed"],
  ["EPROTO", "the TLS connection failed"],
  ["UND_ERR_SOCKET", "connection closed by the other side"],
  ["an answer that is not HTTP", "an answer that is not HTTP"],
])("an outage by %j is told in words", (reason, words) => {
  const [, line] = shown(110, {
    progress: { ...out, outage: { ...outage, reason } },
    etaSec: null,
  });
  expect(line).toContain(`Server not reachable (${words}).`);
});

test("a server that answers, but not with what is asked for, is not ready", () => {
  const answers = { ...outage, reason: "status 503", isReachable: true, retryInMs: 0 };
  expect(shown(110, { progress: { ...out, outage: answers }, etaSec: null })[1]).toBe(
    "  Server not ready (status 503). Retrying, giving up in 9 min 40 s. 64.0 MiB are safe.",
  );
});

test("a transfer that does not move shows no limit", () => {
  const frozen = { ...progress, bytesPerSecond: 0, limitedBy: "rate-limit" } as const;
  expect(shown(110, { progress: frozen, etaSec: null }).join()).not.toContain("limited by");
});

test("it never shows 100% before all has arrived", () => {
  const almost = { ...progress, doneBytes: 2 * GiB - 1, inFlightBytes: 0 };
  expect(shown(80, { progress: almost })[0]).toContain(" 99%");
});

test("tries that failed do not count beyond the whole", () => {
  const twice = { ...progress, inFlightBytes: 2 * GiB };
  expect(shown(80, { progress: twice })[0]).toContain("100%");
});

test("a name that holds escape sequences is shown harmless", () => {
  const subject = { ...view.subject, label: "a\x1b[31m.img" };
  expect(shown(80, { subject })[0]).toMatch(/^a\?\[31m\.img /);
});

test("while the size is unknown there is no percent and no whole, and the pipe is named", () => {
  const piped = {
    subject: { ...view.subject, label: "-", piped: true },
    progress: { ...progress, sizeBytes: 0, etaMs: null, limitedBy: "disk" as const },
    etaSec: null,
  };
  expect(shown(100, piped)).toEqual([
    "- BAR     ",
    "  1.16 GiB so far · 412 MiB/s · 74 parts, 4 in flight · limited by what is piped in",
  ]);
  expect(shown(30, piped)).toEqual(["412 MiB/s"]);
});

test("while a file is read to verify it, the bar is that of what was read", () => {
  const verifying = { ...progress, phase: "verifying" as const, digestedBytes: GiB };
  const [bar, detail] = shown(80, { progress: verifying });
  expect(bar).toBe("debian-12.img BAR  50%");
  expect(detail).toBe("  1.00 of 2.00 GiB · 412 MiB/s · reading it all to verify it");
});
