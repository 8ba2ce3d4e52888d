import {
  DiskError,
  JournalIoError,
  NoProgressError,
  NotAuthorizedError,
  NotEnoughSpaceError,
  PartRefusedError,
  SourceUnusableError,
  TargetExistsError,
  TransferLockedError,
  TransportError,
} from "@img/node-fs";
import { expect, test } from "vitest";
import { explain, failureLines } from "./failure.js";
import { InterruptedError } from "./interruption.js";

const full = Object.assign(new Error("write"), { code: "ENOSPC" });
const missing = Object.assign(new Error("open"), { code: "ENOENT" });
const standing = { resume: "img upload a.img", far: "1 of 2 MiB (50%) have arrived and are kept." };
const holder = { pid: 7, host: "h", sinceSec: 0 };

test.each([
  ["a disk with too little room", new NotEnoughSpaceError(2 ** 30, 2 ** 20), 9],
  ["a disk that is full while writing", new DiskError("Could not write", { cause: full }), 9],
  ["a full disk under the journal", new JournalIoError("Could not write", { cause: full }), 9],
  ["a journal that cannot be written", new JournalIoError("Could not write"), 1],
  ["no folder for the journal", new JournalIoError("Could not write", { cause: missing }), 2],
  ["a missing file", new SourceUnusableError("There is no file", { cause: missing }), 4],
  ["a file that cannot be opened", new SourceUnusableError("Could not open"), 2],
  ["no progress", new NoProgressError("moving", 1000, "ECONNRESET"), 75],
  ["a token that is not accepted", new NotAuthorizedError(), 3],
  ["a lock", new TransferLockedError(holder, false), 8],
  ["Ctrl-C", new InterruptedError("SIGINT"), 130],
  ["another signal", new InterruptedError("SIGTERM"), 75],
  ["a bug", new Error("bug: no such thing"), 1],
  ["what is no error at all", "text", 1],
])("%s ends with its code", (_, error, code) => {
  expect(explain(error).exitCode).toBe(code);
});

test("every failure has at most three lines, whatever its message is", () => {
  const long = new NoProgressError("moving", 1000, "line\n".repeat(500));
  expect(failureLines(explain(long, standing))).toHaveLength(3);
});

test("the command that resumes is shown only if it can help", () => {
  expect(explain(new NoProgressError("moving", 1000, "x"), standing).resume).toBe(standing.resume);
  expect(explain(new SourceUnusableError("x"), standing).resume).toBeUndefined();
});

test("--force is suggested only if the library says that it is safe", () => {
  expect(explain(new TransferLockedError(holder, false)).hint).not.toContain("--force");
  expect(explain(new TransferLockedError(holder, true)).hint).toContain("--force");
});

test("--overwrite is suggested only for files that it can replace", () => {
  expect(explain(new TargetExistsError("a", "already there")).hint).toContain("--overwrite");
  expect(explain(new TargetExistsError("a", "a folder")).hint).not.toContain("--overwrite");
});

test("the message about an untrusted certificate says how to trust it", () => {
  const cause = Object.assign(new Error("x"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  const error = Object.assign(
    new Error("Unable to make request: self-signed certificate", { cause }),
    { code: "CONNECTION_FAILED" },
  );
  const { message, hint } = explain(error);
  expect(message).toBe(
    "The service cannot be reached: its certificate is self-signed (self-signed certificate).",
  );
  expect(hint).toContain("NODE_EXTRA_CA_CERTS");
});

/** Makes a certificate error as the client reports it, and as a connection to the object store reports it. */
const ofService = (code: string): Error =>
  Object.assign(
    new Error("Unable to make request: x", { cause: Object.assign(new Error("x"), { code }) }),
    { code: "CONNECTION_FAILED" },
  );
const ofStore = (code: string): Error => {
  const cause = new TransportError(code, false);
  return new NoProgressError("moving", 1000, cause.message, { cause });
};

test.each([
  ["CERT_HAS_EXPIRED", "has expired", "Renew it, or check this machine's clock."],
  ["CERT_NOT_YET_VALID", "is not valid yet", "Check this machine's clock."],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "is for another host",
    "Use the host name that the certificate has.",
  ],
])(
  "a certificate that fails with %s has its own hint, also the object store's",
  (code, what, hint) => {
    const service = explain(ofService(code));
    expect(service.message).toBe(`The service cannot be reached: its certificate ${what} (x).`);
    const store = explain(ofStore(code));
    expect(store.message).toBe(
      `Gave up without progress. The object store cannot be reached: its certificate ${what} (${code}).`,
    );
    expect([service.hint, store.hint]).toEqual([hint, hint]);
    expect([service.exitCode, store.exitCode]).toEqual([75, 75]);
  },
);

test("NODE_EXTRA_CA_CERTS is suggested only for an unknown authority, of the service or of the store", () => {
  expect(explain(ofStore("UNABLE_TO_VERIFY_LEAF_SIGNATURE")).hint).toContain("NODE_EXTRA_CA_CERTS");
  expect(explain(ofStore("CERT_HAS_EXPIRED")).hint).not.toContain("NODE_EXTRA_CA_CERTS");
  expect(explain(ofStore("ECONNRESET")).hint).toBeUndefined();
});

test("a proxy that limits the size of requests is named as such", () => {
  const answer = { code: "HTTP_ERROR", statusCode: 413 };
  expect(explain(Object.assign(new Error("413"), answer)).hint).toContain(
    "A proxy limits the size",
  );
  const part = explain(new PartRefusedError(1, 413, "413 Payload Too Large"));
  expect(part.hint).toContain("--part-size 5M");
  expect(explain(new PartRefusedError(1, 400, "400")).hint).toBeUndefined();
});

test("a port that this user may not use is named by its option", () => {
  const listen = { code: "EACCES", syscall: "listen", address: "127.0.0.1", port: 80 };
  const failure = explain(Object.assign(new Error("listen EACCES"), listen));
  expect(failure.exitCode).toBe(2);
  expect(failure.message).toBe("This user may not listen on 127.0.0.1:80.");
  expect(explain(Object.assign(new Error("open"), { code: "EACCES" })).exitCode).toBe(1);
});

test("sizes are shown in readable units", () => {
  expect(explain(new NotEnoughSpaceError(2 ** 30, 2 ** 20)).message).toBe(
    "The image needs 1.00 GiB more, but the disk has 1.00 MiB free.",
  );
});

test("the query of a URL and a bearer token are never printed", () => {
  const error = new Error("GET https://store/a?signature=secret failed, Authorization: Bearer abc");
  expect(explain(error).message).toBe(
    "GET https://store/a?[redacted] failed, Authorization: Bearer [redacted]",
  );
});

test("a text of the service cannot control the terminal", () => {
  const [line] = failureLines(explain(new Error("no \x1b]0;owned\x07 \x1b[2J image\nimg: done")));
  expect(line).toBe("img: no ?]0;owned? ?[2J image");
});
