import { describe, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.js";
import { MemoryDigest, MemorySink, MemorySource } from "../testing/memory-ports.js";
import { clockContract, digestContract, sinkContract, sourceContract } from "./index.js";

describe("a source in memory", () => {
  sourceContract({
    test,
    cannot: {},
    open: async (bytes) => {
      const source = new MemorySource(bytes);
      return {
        source,
        again: async () => new MemorySource(bytes),
        change: async () => void (source.changed = true),
        close: async () => undefined,
      };
    },
  });
});

describe("a sink in memory", () => {
  sinkContract({
    test,
    cannot: {
      "an image for which there is no room is refused before a byte comes":
        "memory does not tell how much there is",
    },
    open: async () => {
      const sink = new MemorySink();
      return {
        open: async () => sink,
        target: async () => sink.target,
        occupy: async () => void (sink.target = new Uint8Array([1, 2, 3])),
        close: async () => undefined,
      };
    },
  });
});

describe("a digest in memory", () => {
  digestContract({
    test,
    cannot: {},
    open: async (file) => {
      const digest = new MemoryDigest(() => file);
      return {
        digest,
        allocate: (bytes) => new Uint8Array(bytes),
        close: () => digest.close(),
      };
    },
  });
});

describe("a clock that is turned by hand", () => {
  clockContract({
    test,
    cannot: {},
    open: () => {
      const clock = new ManualClock();
      return { clock, pass: (ms) => clock.advance(ms) };
    },
  });
});
