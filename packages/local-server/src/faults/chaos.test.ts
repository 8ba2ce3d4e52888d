import { expect, test } from "vitest";
import { addChaos, parseChaos } from "./chaos.js";
import { FaultPlan } from "./faults.js";
import type { Call } from "../http/call.js";

const file = (faults: unknown, seed?: number): string => JSON.stringify({ seed, faults });
const partCall = { operation: "part", method: "PUT", id: "image_1", partNumber: 1 } as Call;

test("every kind of fault can be written in a chaos file", () => {
  const faults = [
    { on: "part", do: "reset", afterBytes: 1_000_000, nth: 3 },
    { on: "download", do: "fin", times: "always" },
    { on: "part", do: "stall", chance: 0.05 },
    { on: "create", do: "lose-answer", by: "silence" },
    { on: "part", do: "answer", status: 503, headers: { "Retry-After": "1" }, times: 50 },
    { on: "get", do: "delay", ms: 500 },
    { on: "part", do: "trickle", bytesPerSec: 1, afterBytes: 100, partId: 2 },
    { on: "part", do: "headers", headers: { ETag: null } },
    { on: "download", do: "ignore-range" },
    { on: "download", do: "flip-bit", atByte: 7 },
    { on: "download", do: "resize", byBytes: -1 },
    { on: "downloadUrl", do: "edit", json: { size: 1 } },
    { on: "get", do: "mark-failed" },
  ];
  const chaos = parseChaos(file(faults, 7));
  expect(chaos.seed).toBe(7);
  expect(chaos.faults.map(({ fault }) => fault.do)).toEqual(faults.map((fault) => fault.do));
  expect(() => addChaos(new FaultPlan(), chaos)).not.toThrow();
});

test("without times a fault hits one request; with a chance, or times always, all", () => {
  const { faults } = parseChaos(
    file([
      { on: "part", do: "reset" },
      { on: "part", do: "reset", chance: 0.5 },
      { on: "part", do: "reset", times: "always" },
      { on: "part", do: "reset", chance: 0.5, times: 3 },
    ]),
  );
  expect(faults.map(({ fault }) => fault.times)).toEqual([1, Infinity, Infinity, 3]);
});

test("a chance hits about that share of the requests, and the same ones for the same seed", () => {
  const struck = (seed: number): string => {
    const plan = new FaultPlan();
    addChaos(plan, parseChaos(file([{ on: "part", do: "reset", chance: 0.2 }], seed)));
    return Array.from({ length: 500 }, () => (plan.pick(partCall) ? "x" : ".")).join("");
  };
  expect(struck(1)).toBe(struck(1));
  expect(struck(1)).not.toBe(struck(2));
  const hits = struck(1).replaceAll(".", "").length;
  expect(hits).toBeGreaterThan(70);
  expect(hits).toBeLessThan(130);
});

test.each([
  ["no JSON", "{", "not JSON"],
  ["no object", "[]", "The chaos file must be an object"],
  ["no faults", "{}", "In the chaos file, faults is missing."],
  [
    "an unknown field of the file",
    '{"faults":[],"sede":1}',
    "In the chaos file, sede is not a known key",
  ],
  ["a fault that is none", file([1]), "faults[0].do must be one of"],
  ["an unknown kind", file([{ on: "part", do: "explode" }]), "faults[0].do must be one of"],
  ["a kind that is a name of every object", file([{ on: "part", do: "toString" }]), "faults[0].do"],
  ["an unknown operation", file([{ on: "parts", do: "reset" }]), "faults[0].on must be one of"],
  ["no operation", file([{ do: "reset" }]), "faults[0].on is missing"],
  [
    "a misspelt field",
    file([{ on: "part", do: "reset", nht: 1 }]),
    "faults[0].nht is not a known key",
  ],
  ["another kind's field", file([{ on: "part", do: "fin", status: 1 }]), "faults[0].status"],
  ["a missing field", file([{ on: "part", do: "answer" }]), "faults[0].status is missing"],
  ["a status out of range", file([{ on: "part", do: "answer", status: 99 }]), "status"],
  ["a chance over 1", file([{ on: "part", do: "reset", chance: 2 }]), "faults[0].chance"],
  ["times of nothing", file([{ on: "part", do: "reset", times: 0 }]), "faults[0].times"],
  [
    "a header that is a number",
    file([{ on: "part", do: "headers", headers: { a: 1 } }]),
    "headers",
  ],
])("%s is refused, with the place", (_, json, message) => {
  expect(() => parseChaos(json)).toThrow(
    expect.objectContaining({
      code: "CHAOS_FILE",
      message: expect.stringContaining(message) as string,
    }),
  );
});

test("a fault that could never match is refused, with its place", () => {
  const chaos = parseChaos(file([{ on: "get", do: "flip-bit" }]));
  expect(() => addChaos(new FaultPlan(), chaos)).toThrow(
    expect.objectContaining({
      code: "CHAOS_FILE",
      message: expect.stringMatching(/^In the chaos file, faults\[0\]/) as string,
    }),
  );
});
