import { beforeEach, describe, expect, test } from "vitest";
import { NoProgressError, SourceUnreachableError, TransportError } from "../errors.js";
import type { TransferEvent } from "../events.js";
import { ManualClock } from "../testing/manual-clock.js";
import type { Outcome } from "./persist.js";
import { SourceRequests, type Moving } from "./source-requests.js";

type Send = (moving: Moving) => Promise<Outcome<string>>;

const { signal } = new AbortController();
let clock: ManualClock;
let told: TransferEvent[];
let requests: SourceRequests;

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  requests = new SourceRequests(clock, {
    retryBudgetMs: 300_000,
    stallMs: 30_000,
    onEvent: (event) => void told.push(event),
  });
});

/** Sends a request that takes one of these tries after the other, then the last one again and again. */
function request(tries: readonly Send[], of = { host: "files.example", signal }): Promise<string> {
  let count = 0;
  return clock.runUntil(
    requests.send({
      ...of,
      send: (_, moving) => tries[Math.min(count++, tries.length - 1)]!(moving),
    }),
  );
}

const arrives: Send = async () => ({ ok: true, value: "all of it" });
const breaks =
  (reason: string, through: string | null = null): Send =>
  async () => {
    throw new TransportError(reason, false, through);
  };
const answers =
  (status: number): Send =>
  async () => ({
    ok: false,
    failure: { kind: "store", status, storeCode: null, retryAfter: null },
    reachedBytes: 0,
    error: new Error(`the server answers ${status}`),
  });
/** Some bytes come, then nothing more. */
const stalls =
  (bytes: number): Send =>
  async (moving) => {
    if (bytes > 0) moving.moved(bytes);
    return new Promise((_, reject) => {
      const { signal: watched } = moving;
      watched.addEventListener("abort", () => reject(watched.reason as Error));
    });
  };

test("a connection that breaks is tried again, and each retry is told with the server's name", async () => {
  expect(await request([breaks("ECONNRESET"), breaks("EPIPE"), arrives])).toBe("all of it");

  expect(told).toEqual([
    expect.objectContaining({ event: "retry", part: null, webServer: "files.example" }),
    expect.objectContaining({ event: "retry", failedTries: 2, isReachable: false }),
  ]);
});

test("an answer that may pass is tried again, and the server counts as reachable", async () => {
  await request([answers(503), arrives]);

  expect(told).toEqual([expect.objectContaining({ isReachable: true })]);
});

test("an answer that will not pass is thrown as it is, and later requests are still sent", async () => {
  await expect(request([answers(404)])).rejects.toThrow("the server answers 404");

  expect(await request([arrives])).toBe("all of it");
});

test("a server that was never reached is given up after five tries, with the proxy in the message", async () => {
  const giving = request([breaks("ECONNREFUSED", "http://proxy:3128")]);

  await expect(giving).rejects.toThrow(
    "The connection to the web server files.example ended (through the proxy http://proxy:3128): ECONNREFUSED.",
  );
  expect(told).toHaveLength(4);
});

test("once a server is given up, no later request is sent", async () => {
  await expect(request([breaks("ECONNREFUSED")])).rejects.toBeInstanceOf(SourceUnreachableError);
  let sent = 0;

  const later = request([
    async (moving) => {
      sent++;
      return arrives(moving);
    },
  ]);

  await expect(later).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  expect(sent).toBe(0);
});

test("a server that was reached is waited for until patience ends", async () => {
  await request([arrives]);
  const fromMs = clock.monotonicMs();

  await expect(request([breaks("ECONNREFUSED")])).rejects.toBeInstanceOf(NoProgressError);

  expect(clock.monotonicMs() - fromMs).toBeGreaterThanOrEqual(300_000);
});

describe("a request in which no byte moves", () => {
  test("is sent again after 30 s", async () => {
    expect(await request([stalls(7), arrives])).toBe("all of it");

    expect(told).toHaveLength(1);
    expect(JSON.stringify(told)).toMatch("no byte moved");
  });

  test("is given as much longer for its answer as tries have failed", async () => {
    const waits: Send = async (moving) => {
      moving.awaitAnswer();
      return stalls(0)(moving);
    };
    const fromMs = clock.monotonicMs();

    await request([waits, waits, arrives]);

    expect(clock.monotonicMs() - fromMs).toBeGreaterThanOrEqual(30_000 + 60_000);
    expect(JSON.stringify(told)).toMatch("no answer came");
  });

  test("is not ended while it waits for our own memory", async () => {
    const waits: Send = async (moving) => {
      await moving.unwatched(() => clock.wait(90_000, moving.signal));
      return arrives(moving);
    };

    expect(await request([waits])).toBe("all of it");
    expect(told).toEqual([]);
  });
});

test("bytes that come again are no progress", async () => {
  await request([arrives]);
  const again: Send = async (moving) => {
    moving.moved(1_000, true);
    return breaks("ECONNRESET")(moving);
  };

  await expect(request([again])).rejects.toBeInstanceOf(NoProgressError);
});

test("the last failure is shown as the outage until the server gives bytes again", async () => {
  let shown = requests.outage;
  const looks: Send = async (moving) => {
    shown = requests.outage;
    return arrives(moving);
  };
  expect(shown).toBeNull();

  await request([breaks("ECONNRESET"), looks]);

  expect(shown).toMatchObject({ webServer: "files.example", failedTries: 1 });
  expect(requests.outage).toBeNull();
});

test("a request that is aborted ends with the signal's reason, and the next one is sent", async () => {
  const stop = new AbortController();
  const aborts: Send = async (moving) => {
    stop.abort(new Error("enough"));
    return breaks("ECONNRESET")(moving);
  };

  const aborted = request([aborts], { host: "files.example", signal: stop.signal });

  await expect(aborted).rejects.toThrow("enough");
  expect(await request([arrives])).toBe("all of it");
});
