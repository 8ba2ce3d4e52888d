import { expect, test } from "vitest";
import type { Fate, Holder, Kernel } from "./lock-holder.js";
import { processesOf, realProcesses } from "./lock-holder.js";

const stat = (state: string, startTime: string): string =>
  `7 (a) b (c) ${state} ${Array.from({ length: 18 }, (_, index) => index).join(" ")} ${startTime} 99`;

const kernel: Kernel = {
  pid: 5,
  host: "here",
  exists: (pid) => pid === 5 || pid === 7,
  readLink: async () => "pid:[1]",
  readText: async (path) =>
    ({
      "/etc/machine-id": "machine",
      "/proc/sys/kernel/random/boot_id": "boot",
      "/proc/5/stat": stat("R", "500"),
      "/proc/7/stat": stat("S", "700"),
    })[path] ?? null,
};
/** As on macOS and Windows. */
const withoutProc: Kernel = { ...kernel, readText: async () => null, readLink: async () => null };
const showing = (of: Partial<Kernel>): Kernel => ({ ...kernel, ...of });
const readingStat = (of: string | null): Kernel =>
  showing({ readText: async (path) => (path === "/proc/7/stat" ? of : kernel.readText(path)) });

const holder: Holder = {
  token: "0123456789abcdef",
  pid: 7,
  host: "here",
  sinceSec: 1,
  startTime: "700",
  bootId: "boot",
  machineId: "machine",
  pidNamespace: "pid:[1]",
};
const bare = { startTime: null, bootId: null, machineId: null, pidNamespace: null };

test.each<[string, Kernel, Partial<Holder>, Fate]>([
  ["that runs", kernel, {}, "alive"],
  ["that is not there any more", kernel, { pid: 8 }, "dead"],
  ["whose pid is in use again", kernel, { startTime: "600" }, "dead"],
  ["that has ended, but that nobody waited for", readingStat(stat("Z", "700")), {}, "dead"],
  ["that is just ending", readingStat(stat("X", "700")), {}, "dead"],
  ["that is stopped", readingStat(stat("T", "700")), {}, "alive"],
  ["of another user, which /proc hides", readingStat(null), {}, "unknown"],
  ["whose /proc makes no sense", readingStat("7 (a) S 1"), {}, "unknown"],
  ["in another PID namespace", kernel, { pidNamespace: "pid:[2]" }, "unknown"],
  ["in a PID namespace that nobody tells", kernel, { pidNamespace: null }, "unknown"],
  ["on this kernel, in a container of another name", kernel, { host: "other", pid: 8 }, "dead"],
  ["from before a restart", kernel, { bootId: "former" }, "dead"],
  ["on another host", kernel, { bootId: "other", host: "there", machineId: "m2" }, "unknown"],
  ["on another host of this name", kernel, { bootId: "other", machineId: "m2" }, "unknown"],
  [
    "on a copy of this machine with another name",
    kernel,
    { bootId: "other", host: "there" },
    "unknown",
  ],
  ["on a host without a boot id", kernel, { bootId: null }, "unknown"],
  ["there, without /proc", withoutProc, bare, "unknown"],
  ["not there, without /proc", withoutProc, { ...bare, pid: 8 }, "dead"],
  ["on another host, without /proc", withoutProc, { ...bare, pid: 8, host: "there" }, "unknown"],
  ["on a Linux, seen without /proc", withoutProc, { machineId: null }, "unknown"],
])("a holder %s is judged by proof only", async (_, seenFrom, of, fate) => {
  expect(await processesOf(seenFrom).fateOf({ ...holder, ...of })).toBe(fate);
});

test("a machine without an id cannot prove a restart", async () => {
  const seenFrom = showing({
    readText: async (path) => (path === "/etc/machine-id" ? "" : kernel.readText(path)),
  });
  const of = { ...holder, bootId: "former", machineId: null };
  expect(await processesOf(seenFrom).fateOf(of)).toBe("unknown");
});

test("a process describes itself completely", async () => {
  expect(await processesOf(kernel).self()).toMatchObject({
    pid: 5,
    host: "here",
    startTime: "500",
    bootId: "boot",
    machineId: "machine",
    pidNamespace: "pid:[1]",
  });
});

test.skipIf(process.platform !== "linux")(
  "this very process is alive, and one of its pid from earlier is not",
  async () => {
    const self = { ...(await realProcesses.self()), token: holder.token };
    expect(await realProcesses.fateOf(self)).toBe("alive");
    expect(await realProcesses.fateOf({ ...self, startTime: "1" })).toBe("dead");
    expect(await realProcesses.fateOf({ ...self, pid: 2 ** 22 + 1 })).toBe("dead");
    expect(await realProcesses.fateOf({ ...self, pid: 1, startTime: "0" })).not.toBe("alive");
  },
);
