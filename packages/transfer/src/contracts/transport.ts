import {
  bytesOf,
  checksOf,
  expectBytes,
  expectEqual,
  expectReason,
  type Check,
  type Suite,
} from "./expect.js";
import { transportFaultChecks } from "./transport-faults.js";
import { transportLifeChecks } from "./transport-life.js";
import {
  expectStillWorks,
  Got,
  ok,
  part,
  putOf,
  type TransportSubject,
} from "./transport-subject.js";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What every transport must do. */
export interface TransportSuite extends Suite {
  /** A transport, and a store that no other test uses. */
  readonly open: () => Promise<TransportSubject>;
}

/** The suite of a transport. */
export function transportContract(suite: TransportSuite): void {
  const check = checksOf<TransportSubject>(suite, async (run) => {
    const subject = await suite.open();
    try {
      await run(subject);
    } finally {
      await subject.close();
    }
  });
  putChecks(check);
  refusingChecks(check);
  getChecks(check);
  holdingChecks(check);
  transportFaultChecks(check);
  transportLifeChecks(check);
}

function putChecks(check: Check<TransportSubject>): void {
  check("a part arrives whole, with its headers, its length and no credential", async (subject) => {
    const url = await subject.serve(ok);
    const request = putOf(subject, url, { headers: { "content-md5": "bWQ1" } });
    const { status, headers, sentAll, text } = await subject.transport.put(request);
    expectEqual([status, headers["etag"], sentAll, text], [200, '"part"', true, ""]);
    const [arrived] = await subject.received(url);
    expectEqual(arrived?.method, "PUT");
    expectBytes(arrived?.body ?? new Uint8Array(), part);
    const { authorization, cookie, ...told } = arrived?.headers ?? {};
    expectEqual([authorization, cookie], [undefined, undefined]);
    expectEqual([told["content-md5"], told["content-length"]], ["bWQ1", String(part.length)]);
  });

  check("no more is asked for than is left, and all that moved is told", async (subject) => {
    let sentBytes = 0;
    let movedBytes = 0;
    const url = await subject.serve(ok);
    const whole = putOf(subject, url);
    await subject.transport.put({
      ...whole,
      next: async (mostBytes) => {
        const sliceBytes = Math.min(mostBytes, 100_000);
        sentBytes += sliceBytes;
        expectEqual(mostBytes > 0 && sentBytes <= part.length, true);
        return whole.next(sliceBytes);
      },
      onMoved: (bytes) => (movedBytes += bytes),
    });
    expectEqual([sentBytes, movedBytes], [part.length, part.length]);
    const [arrived] = await subject.received(url);
    expectBytes(arrived?.body ?? new Uint8Array(), part);
  });

  check("one connection carries part after part", async (subject) => {
    for (const seed of [3, 4, 5]) {
      const url = await subject.serve(ok);
      const bytes = bytesOf(70_000, seed);
      await subject.transport.put(putOf(subject, url, {}, bytes));
      const [arrived] = await subject.received(url);
      expectBytes(arrived?.body ?? new Uint8Array(), bytes);
    }
  });
}

function refusingChecks(check: Check<TransportSubject>): void {
  for (const sentBytes of [0, 100_000]) {
    check(
      `what giving the bytes after ${sentBytes} throws ends it, and is told as it is`,
      async (subject) => {
        const changed = new Error("the source changed");
        const whole = putOf(subject, await subject.serve(ok));
        let calls = 0;
        const next = (mostBytes: number): Uint8Array | Promise<Uint8Array> =>
          sentBytes > 0 && calls++ === 0
            ? whole.next(Math.min(mostBytes, sentBytes))
            : Promise.reject(changed);
        await expectReason(changed, subject.transport.put({ ...whole, next }));
        await expectStillWorks(subject);
      },
    );
  }
}

function getChecks(check: Check<TransportSubject>): void {
  check("a range comes in order, after its head, which is told once", async (subject) => {
    const range = { "content-range": `bytes 0-${part.length - 1}/${part.length}` };
    const url = await subject.serve({ status: 206, headers: range, body: part });
    const got = new Got(subject);
    const answer = await subject.transport.get(got.request(url, { range: "bytes=0-300000" }));
    expectEqual([answer.status, answer.text], [206, ""]);
    expectEqual(
      got.heads.map(({ status, headers }) => [status, headers["content-range"]]),
      [[206, range["content-range"]]],
    );
    expectBytes(got.bytes, part);
    const [arrived] = await subject.received(url);
    expectEqual([arrived?.method, arrived?.headers["range"]], ["GET", "bytes=0-300000"]);
  });

  check("a body that is not wanted as bytes is the answer's text", async (subject) => {
    const body = ascii("<Error><Code>NoSuchKey</Code></Error>");
    const url = await subject.serve({ status: 404, headers: {}, body });
    const got = new Got(subject);
    got.wanted = false;
    const { status, text } = await subject.transport.get(got.request(url));
    expectEqual([status, text], [404, "<Error><Code>NoSuchKey</Code></Error>"]);
    expectEqual(got.bytes.length, 0);
  });
}

function holdingChecks(check: Check<TransportSubject>): void {
  check("a promise of memory holds the body back", async (subject) => {
    const url = await subject.serve({ ...ok, body: part });
    let waiting = 0;
    const got = new Got(subject);
    got.onMoved = () => expectEqual(waiting, 0);
    got.onFull = async () => {
      expectEqual(++waiting, 1);
      for (let turns = 0; turns < 20; turns++) await Promise.resolve();
      waiting--;
    };
    await subject.transport.get(got.request(url));
    expectEqual(waiting, 0);
    expectBytes(got.bytes, part);
  });

  check(
    "what taking the head or giving memory throws ends it, and is told as it is",
    async (subject) => {
      const url = await subject.serve({ ...ok, body: part });
      const full = new Error("the disk is full");
      const got = new Got(subject);
      got.onFull = () => Promise.reject(full);
      await expectReason(full, subject.transport.get(got.request(url)));
      const refusing = { ...new Got(subject).request(url), onHead: () => thrown(full) };
      await expectReason(full, subject.transport.get(refusing));
      await expectStillWorks(subject);
    },
  );
}

function thrown(error: Error): never {
  throw error;
}
