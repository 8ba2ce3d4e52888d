import { expect, test } from "vitest";
import { atEachRequest, digest, expectGone, named, part } from "../testing/killed-server.js";

test.each([
  ["completed", true],
  ["open", false],
])(
  "a server that is killed at any request of the deletion of an image that is %s leaves it whole, or gone with the sweep",
  async (_, isWhole) => {
    await atEachRequest(async (servers, name, kill) => {
      const id = await servers.other.create(name);
      await servers.other.put(id, 1, part);
      if (isWhole) await servers.other.complete(id, digest);
      await kill(() => servers.dying.call("DELETE", `/${id}`));
      if ((await servers.other.call("GET", `/${id}`)).status === 200) {
        expect(await named(servers.other, name)).toEqual([id]);
        expect((await servers.other.call("DELETE", `/${id}`)).status).toBe(200);
      }
      expect(await servers.otherSweep()).toEqual([]);
      await expectGone(servers, id, name);
      expect((await servers.other.call("POST", "", { name })).status).toBe(201);
      await servers.other.call("DELETE", `/${(await named(servers.other, name))[0]!}`);
    });
  },
  600_000,
);
