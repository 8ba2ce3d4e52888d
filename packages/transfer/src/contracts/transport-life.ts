import { expectReason, type Check } from "./expect.js";
import {
  expectStillWorks,
  putOf,
  type Moment,
  type TransportSubject,
} from "./transport-subject.js";

const moments: readonly Moment[] = [
  "the TLS handshake",
  "the body of its request",
  "the wait for its answer",
  "the body of its answer",
];

/** A socket is closed at any moment of its life. */
export function transportLifeChecks(check: Check<TransportSubject>): void {
  for (const moment of moments) {
    // fault N12
    check(`a socket that is aborted in ${moment} is closed, and the next one works`, (subject) =>
      expectClosed(subject, moment),
    );
  }
}

async function expectClosed(subject: TransportSubject, moment: Moment): Promise<void> {
  const reason = new Error("enough");
  const { url, arrived, closed } = await subject.hang(moment);
  const abort = new AbortController();
  const { signal } = abort;
  const given = moment === "the body of its request" ? { next: heldBack(signal) } : {};
  const request = putOf(subject, url, { signal, ...given });
  const ended = expectReason(reason, subject.transport.put(request));
  await arrived;
  abort.abort(reason);
  await ended;
  await closed();
  await expectStillWorks(subject);
}

/** A rate limit that lets one slice go, and then no more. */
function heldBack(signal: AbortSignal): () => Uint8Array | Promise<Uint8Array> {
  let granted = false;
  return () => {
    if (granted) {
      return new Promise((_, reject) => {
        const end = (): void => reject(signal.reason as Error);
        signal.addEventListener("abort", end, { once: true });
      });
    }
    granted = true;
    return new Uint8Array(1_000);
  };
}
