import dns from "node:dns";
import net from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { SfcCore } from "@img/core/core.js";
import { startProxy, type ProxiedConnection } from "../../../local-server/src/testing/tcp-proxy.js";
import type { TransferProgress } from "@img/transfer";
import { fastClock } from "../testing/fast-clock.js";
import { directions, succeeds, transferOf, wayOf } from "../testing/moving.js";
import { partBytes, seededBytes } from "../testing/seeded.js";
import { openWorld, type World } from "../testing/world.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

const ends = ["reset", "fin"] as const;
const places = [
  ["first", 0],
  ["middle", partBytes / 2],
  ["last", partBytes - 1],
] as const;

// fault N01
test.each(ends.flatMap((end) => places.map(([place, byte]) => [end, place, byte] as const)))(
  "%s at the %s byte of a part's body",
  async (end, _, afterBytes) => {
    const world = await openWorld();
    const upload = await transferOf(world, "upload");
    const fault = world.server.faults.add({ on: "part", partId: 1, do: end, afterBytes });
    fastClock.run(20);
    await succeeds(upload, { lanes: 1 });
    expect(fault.hits).toBe(1);
    expect(world.server.requests.part).toBe(3);
  },
);

// fault N01
test.each(ends.flatMap((end) => places.map(([place, byte]) => [end, place, byte] as const)))(
  "%s at the %s byte of a download's body",
  async (end, _, afterBytes) => {
    const world = await openWorld();
    const download = await transferOf(world, "download");
    const ofFirstPart = (range = ""): boolean => range.startsWith(`bytes=0-${partBytes - 1}`);
    const fault = world.server.faults.add({
      on: "download",
      only: ({ headers }) => ofFirstPart(headers.range),
      do: end,
      afterBytes,
    });
    fastClock.run(20);
    await succeeds(download);
    expect(fault.hits).toBe(1);
  },
);

// fault N01
test.each(directions)(
  "%s: connections that are reset before the request is through",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    world.proxy.script((connection) =>
      connection <= 3 ? { up: { cut: { afterBytes: connection, by: "reset" } } } : {},
    );
    fastClock.run(20);
    await succeeds(transfer, { lanes: 1 });
  },
);

// fault N02
test.each(ends)("%s on an idle, reused socket costs no backoff", async (end) => {
  const world = await openWorld();
  await withIdleSocket(world, (connection) => connection.end(end));
});

// fault N02
test("a reused socket that is reset by the first byte of a request costs no backoff", async () => {
  const world = await openWorld();
  await withIdleSocket(world, (connection) =>
    connection.treat({ up: { cut: { afterBytes: connection.upBytes + 1, by: "reset" } } }),
  );
});

/** Uploads two parts over one lane, and between them does something to its connection. */
async function withIdleSocket(
  world: World,
  spoil: (connection: ProxiedConnection) => void,
): Promise<void> {
  const upload = await transferOf(world, "upload");
  const secondUrl = gate();
  let calls = 0;
  const bearerAuth = async (): Promise<string> => {
    if (++calls === 4) await secondUrl.opened; // after list, create and the first part's URL
    return world.server.token;
  };
  vi.spyOn(Math, "random").mockReturnValue(1e6); // any backoff outlasts the test
  const client = new SfcCore({ serverURL: world.server.url, bearerAuth });
  const running = succeeds(upload, { lanes: 1, client });
  await expect.poll(() => world.told.at(-1)).toMatchObject({ partsDone: 1 });
  for (const connection of world.proxy.connections) spoil(connection);
  secondUrl.open();
  await running;
  expect(world.proxy.accepted).toBe(2);
}

function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

// fault N03
test.each(directions)(
  "%s: a blackhole in the middle, without RST, is found by the stall rule within 30 s",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    world.proxy.script((connection) =>
      connection === 1
        ? { [wayOf(direction)]: { cut: { afterBytes: 1_000_000, by: "silence" } } }
        : {},
    );
    fastClock.run(60);
    const { elapsedMs } = await succeeds(transfer, { lanes: 1 });
    expect(elapsedMs).toBeGreaterThan(29_000);
    expect(world.proxy.accepted).toBe(2);
  },
);

// fault N04
test("a part that was sent and never answered is sent again after a timeout", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", nth: 1, do: "lose-answer", by: "silence" });
  fastClock.run(60);
  await succeeds(upload, { lanes: 1 });
  expect(world.server.requests.part).toBe(3);
});

// fault N04
test("a download that is silent after its head is asked for again", async () => {
  const world = await openWorld();
  const download = await transferOf(world, "download");
  world.server.faults.add({ on: "download", do: "stall", afterBytes: 0 });
  fastClock.run(60);
  await succeeds(download, { lanes: 1 });
  expect(world.server.requests.download).toBe(3);
});

// fault N06
test.each(directions)("%s: segments of 1 byte make no false stall", async (direction) => {
  const world = await openWorld();
  const transfer = await transferOf(world, direction, seededBytes("small", 20_000));
  world.proxy.script(() => ({ up: { segmentBytes: 1 }, down: { segmentBytes: 1 } }));
  await succeeds(transfer);
  expect(world.proxy.accepted).toBe(1);
});

// fault N06
test.each(directions)("%s: latency of 2 s and jitter make no false stall", async (direction) => {
  const world = await openWorld();
  const transfer = await transferOf(world, direction, seededBytes("small", 300_000));
  const latencyMs = (): number => 100 + Math.random() * 50;
  world.proxy.script(() => ({ up: { latencyMs }, down: { latencyMs } }));
  fastClock.run(20);
  await succeeds(transfer);
  expect(world.proxy.accepted).toBe(1);
});

// fault N08
test.each(directions)("%s: everything is down for 60 s, then back", async (direction) => {
  const world = await openWorld();
  const transfer = await transferOf(world, direction);
  const api = await startProxy();
  onTestFinished(() => api.close());
  api.forwardTo(world.port);
  const client = clientAt(world.server.token, api.port);
  const goDown = (): void => {
    for (const proxy of [world.proxy, api]) proxy.goDown();
    fastClock.run(60);
    setTimeout(() => [world.proxy, api].forEach((proxy) => proxy.comeBack()), 1_000);
  };
  world.proxy.script((connection) => {
    if (connection === 1) setTimeout(goDown, 5);
    return { [wayOf(direction)]: { bytesPerSec: 20_000_000 } };
  });
  const { elapsedMs } = await succeeds(transfer, { client, lanes: 2 });
  expect(elapsedMs).toBeGreaterThan(55_000);
});

// fault N08
test.each(directions)(
  "%s: a store that stays down ends the retry budget, and the next run resumes",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    fastClock.run(20);
    world.proxy.goDown();
    await expect(transfer.run({ retryBudgetMs: 5_000 })).rejects.toMatchObject({
      code: "NO_PROGRESS",
      message: expect.stringMatching(/call again to resume/) as string,
    });
    world.proxy.comeBack();
    await succeeds(transfer);
    expect(world.server.requests.create).toBe(1);
  },
);

// fault N09
test.each(directions)(
  "%s: a laptop that slept for an hour tries its part again at once",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction);
    const silence = {
      [wayOf(direction)]: { cut: { afterBytes: 1_000_000, by: "silence" } },
    } as const;
    world.proxy.script((connection) => {
      if (connection !== 1) return {};
      setTimeout(() => (fastClock.jumpedMs = 3_600_000), 100);
      return silence;
    });
    const { elapsedMs } = await succeeds(transfer, { lanes: 1 });
    expect(elapsedMs).toBeLessThan(29_000);
  },
);

// fault D41
test.each([-1, 1])("the wall clock jumps by %i day before the transfer resumes", async (days) => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", nth: 1, do: "reset", afterBytes: 100 });
  const onProgress = ({ phase }: TransferProgress): void => {
    if (phase === "moving") fastClock.jumpedMs = days * 86_400_000;
  };
  await succeeds(upload, { lanes: 1, onProgress });
});

// fault D42
test("an event loop that was blocked for 5 s makes no storm of false stalls", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  fastClock.run(10);
  let blocked = false;
  const onProgress = ({ phase }: TransferProgress): void => {
    if (blocked || phase !== "moving") return;
    blocked = true;
    const untilMs = performance.now() + 500;
    while (performance.now() < untilMs);
  };
  await succeeds(upload, { lanes: 1, stallMs: 4_000, onProgress });
  expect(world.server.requests.part).toBe(2);
});

// fault N10
test("EAI_AGAIN of the name service is tried again", async () => {
  const world = await openWorld({ storeHost: "store.test" });
  const upload = await transferOf(world, "upload");
  const answers = ["EAI_AGAIN", "EAI_AGAIN"];
  fakeLookup(() => answers.shift() ?? null);
  fastClock.run(20);
  await succeeds(upload, { lanes: 1 });
  expect(answers).toEqual([]);
});

// fault N10
test("ENOTFOUND of a host that was reached in this run is tried again", async () => {
  const world = await openWorld({ storeHost: "store.test" });
  const upload = await transferOf(world, "upload");
  world.server.faults.add({ on: "part", nth: 1, do: "reset", afterBytes: 1_000_000 });
  const answers = [null, ...Array.from({ length: 8 }, () => "ENOTFOUND")];
  fakeLookup(() => answers.shift() ?? null);
  fastClock.run(60);
  await succeeds(upload, { lanes: 1 });
  expect(answers).toEqual([]);
});

// fault N10
test("ENOTFOUND of a host that was never reached ends it after 5 tries over 15 s", async () => {
  const world = await openWorld({ storeHost: "store.test" });
  const upload = await transferOf(world, "upload");
  let lookups = 0;
  fakeLookup(() => (lookups++, "ENOTFOUND"));
  fastClock.run(20);
  await expect(upload.run({ lanes: 1 })).rejects.toMatchObject({
    code: "TRANSPORT",
    message: expect.stringContaining("ENOTFOUND") as string,
  });
  expect(lookups).toBe(5);
});

// fault N15
test("a handshake on a dual-stack host may take longer than Node's 250 ms", async () => {
  const world = await openWorld();
  const upload = await transferOf(world, "upload");
  const connects = vi.spyOn(net, "connect");
  await succeeds(upload);
  const toStore = connects.mock.calls
    .map(([options]) => options as unknown as net.TcpNetConnectOpts)
    .filter(({ port }) => String(port) === String(world.proxy.port));
  expect(toStore.length).toBeGreaterThan(0);
  for (const { autoSelectFamilyAttemptTimeout } of toStore) {
    expect(autoSelectFamilyAttemptTimeout).toBeGreaterThanOrEqual(2_000);
  }
});

// fault N05
test.each(directions)(
  "%s: 1 byte/s trickle on one lane, the others fast (straggler): replaced",
  async (direction) => {
    const world = await openWorld();
    const transfer = await transferOf(world, direction, seededBytes("four", 4 * partBytes));
    // After 2 MB a byte a second, which breaks no idle rule.
    world.server.faults.add({
      on: direction === "upload" ? "part" : "download",
      nth: 2,
      do: "trickle",
      bytesPerSec: 1,
      afterBytes: 2_000_000,
    });
    fastClock.run(10);
    const { elapsedMs } = await succeeds(transfer, { lanes: 4 });
    expect(elapsedMs).toBeLessThan(600_000); // at 1 byte/s it would take a month
  },
);

/** The machine's name service, with an error's code or null for this machine. */
function fakeLookup(answer: () => string | null): void {
  const lookup = (
    _: string,
    { all }: dns.LookupOptions,
    callback: (error: Error | null, address?: unknown, family?: number) => void,
  ): void => {
    const code = answer();
    const here = { address: "127.0.0.1", family: 4 };
    if (code !== null) callback(Object.assign(new Error(`getaddrinfo ${code}`), { code }));
    else if (all) callback(null, [here]);
    else callback(null, here.address, here.family);
  };
  vi.spyOn(dns, "lookup").mockImplementation(lookup as typeof dns.lookup);
}

const clientAt = (bearerAuth: string, port: number): SfcCore =>
  new SfcCore({ serverURL: `http://127.0.0.1:${port}`, bearerAuth });
