import { expect, test } from "vitest";
import { atEachRequest, expectGone, expectWhole, part } from "../testing/killed-server.js";

test("a server that is killed at any request of a sweep leaves what the next one sweeps", async () => {
  await atEachRequest(async (servers, name, kill) => {
    const id = await servers.other.create(name);
    await servers.other.put(id, 1, part);
    const kept = await servers.other.upload(`${name}-kept`, [part]);
    await kill(servers.dyingSweep);
    expect(await servers.otherSweep()).toEqual([]);
    await expectGone(servers, id, name);
    await expectWhole(servers.other, kept);
    await servers.other.call("DELETE", `/${kept}`);
  });
}, 600_000);
