import {
  expectBytes,
  expectEqual,
  expectReason,
  expectRejection,
  rejectionOf,
  type Check,
} from "./expect.js";
import {
  expectStillWorks,
  Got,
  ok,
  part,
  putOf,
  type TransportSubject,
} from "./transport-subject.js";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What comes of an error's answer, of a connection that ends, and of an abort. */
export function transportFaultChecks(check: Check<TransportSubject>): void {
  answerChecks(check);
  brokenChecks(check);
  abortChecks(check);
}

function answerChecks(check: Check<TransportSubject>): void {
  check(
    "an error is an answer: status, headers in lower case and text are told",
    async (subject) => {
      const headers = { "Retry-After": "7" };
      const url = await subject.serve({
        status: 503,
        headers,
        body: ascii("<Code>SlowDown</Code>"),
      });
      const answer = await subject.transport.put(putOf(subject, url));
      const { status, text } = answer;
      expectEqual(
        [status, answer.headers["retry-after"], text],
        [503, "7", "<Code>SlowDown</Code>"],
      );
      await expectStillWorks(subject);
    },
  );

  check("of an answer's text at most 64 KiB are kept", async (subject) => {
    const url = await subject.serve({ status: 500, headers: {}, body: ascii("x".repeat(100_000)) });
    const put = await subject.transport.put(putOf(subject, url));
    expectEqual(put.text.length, 65_536);
    const got = new Got(subject);
    got.wanted = false;
    const get = await subject.transport.get(got.request(url));
    expectEqual(get.text.length, 65_536);
  });

  redirectChecks(check);
}

function redirectChecks(check: Check<TransportSubject>): void {
  const elsewhereFrom = async (subject: TransportSubject): Promise<[string, string]> => {
    const elsewhere = await subject.serve(ok);
    const headers = { location: elsewhere };
    return [elsewhere, await subject.serve({ ...ok, status: 307, headers })];
  };

  check("a redirect is told as such, and not as what is found elsewhere", async (subject) => {
    const [, url] = await elsewhereFrom(subject);
    expectEqual((await subject.transport.put(putOf(subject, url))).status, 307);
    expectEqual((await subject.transport.get(new Got(subject).request(url))).status, 307);
  });

  check("a part that is redirected goes nowhere else", async (subject) => {
    const [elsewhere, url] = await elsewhereFrom(subject);
    await subject.transport.put(putOf(subject, url));
    expectEqual((await subject.received(elsewhere)).length, 0);
  });

  check("a range that is redirected is asked for nowhere else", async (subject) => {
    const [elsewhere, url] = await elsewhereFrom(subject);
    await subject.transport.get(new Got(subject).request(url));
    expectEqual((await subject.received(elsewhere)).length, 0);
  });
}

function brokenChecks(check: Check<TransportSubject>): void {
  check(
    "a connection that ends before the answer is TransportError, without the URL",
    async (subject) => {
      const url = await subject.serve({ ...ok, ends: "before its head" });
      for (const request of [
        () => subject.transport.put(putOf(subject, url)),
        () => subject.transport.get(new Got(subject).request(url)),
      ]) {
        await expectRejection("TRANSPORT", request());
        const error = await rejectionOf(request());
        expectEqual(everythingIn(error).includes("secret"), false);
      }
      await expectStillWorks(subject);
    },
  );

  check(
    "a body that ends halfway is TransportError, and what came before is exact",
    async (subject) => {
      const url = await subject.serve({ ...ok, body: part, ends: "halfway" });
      const got = new Got(subject);
      await expectRejection("TRANSPORT", subject.transport.get(got.request(url)));
      expectBytes(got.bytes, part.subarray(0, got.bytes.length));
      await expectStillWorks(subject);
    },
  );
}

function abortChecks(check: Check<TransportSubject>): void {
  const reason = new Error("enough");

  check(
    "what was aborted before rejects with the reason, and nothing is asked for",
    async (subject) => {
      const url = await subject.serve(ok);
      const abort = new AbortController();
      abort.abort(reason);
      const { signal } = abort;
      await expectReason(reason, subject.transport.put(putOf(subject, url, { signal })));
      await expectReason(
        reason,
        subject.transport.get({ ...new Got(subject).request(url), signal }),
      );
      expectEqual((await subject.received(url)).length, 0);
      await expectStillWorks(subject);
    },
  );

  check("an abort ends a request whose answer does not come, with the reason", async (subject) => {
    const url = await subject.serve({ ...ok, ends: "silence" });
    const put = new AbortController();
    const onMoved = (): void => put.abort(reason);
    const sending = putOf(subject, url, { signal: put.signal, onMoved });
    await expectReason(reason, subject.transport.put(sending));
    await expectStillWorks(subject);
  });

  check("an abort in the middle of a body ends it, with the reason", async (subject) => {
    const url = await subject.serve({ ...ok, body: new Uint8Array(4_000_000) });
    const abort = new AbortController();
    const got = new Got(subject);
    got.onMoved = () => abort.abort(reason);
    const request = { ...got.request(url), signal: abort.signal };
    await expectReason(reason, subject.transport.get(request));
    await expectStillWorks(subject);
  });

  check("closing twice is no error", async (subject) => {
    await subject.transport.put(putOf(subject, await subject.serve(ok)));
    await subject.transport.close();
    await subject.transport.close();
  });
}

/** Message, stack and every own property, of the error and its causes. */
function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = JSON.stringify(Object.entries(error));
  return `${error.message} ${error.stack ?? ""} ${own} ${everythingIn(error.cause)}`;
}
