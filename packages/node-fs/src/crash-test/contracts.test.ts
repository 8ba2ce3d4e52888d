import { describe, test } from "vitest";
import { lockContract, sinkContract } from "@img/transfer/contracts";
import { lockPlace, sinkPlace } from "../testing/places.js";
import { DiskImage } from "../../../files/src/crash-test/disk-image.js";
import { FakeMachine } from "../../../files/src/crash-test/fake-machine.js";
import { FaultyFs } from "../../../files/src/crash-test/faulty-fs.js";
import { MemoryFs } from "../../../files/src/crash-test/memory-fs.js";
import { PowerLossFs } from "../../../files/src/crash-test/power-loss-fs.js";
import { Random } from "../../../files/src/crash-test/random.js";
import { SlowFs } from "../../../files/src/crash-test/slow-fs.js";

const fileSystems = [
  ["whose power can go", () => new PowerLossFs(new DiskImage(), () => null)],
  ["that can fail", () => new FaultyFs(new MemoryFs(), { at: Infinity, mode: "throw-once" })],
  ["that lets others go first", () => new SlowFs(new MemoryFs(), new Random(1))],
] as const;

describe.each(fileSystems)("a part file and its target on a disk %s", (_, fresh) => {
  sinkContract({ test, cannot: {}, open: async () => sinkPlace(fresh(), "/disk.img") });
});

describe.each(fileSystems)("a lock file on a disk %s", (_, fresh) => {
  lockContract({
    test,
    cannot: {},
    open: async () =>
      lockPlace(fresh(), "/disk.lock", async () => undefined, new FakeMachine().start()),
  });
});
