import type { AddedFault, Fault, Faults } from "./faults.js";
import { operations } from "../http/call.js";

/** A chaos file is not valid. The message says where, and what was expected. */
export class ChaosFileError extends Error {
  override readonly name = "ChaosFileError";
  /** The code, for a `switch`; it never changes. */
  readonly code = "CHAOS_FILE";
}

/** The contents of a chaos file. */
export interface Chaos {
  /** The seed of the chances: the same seed hits the same requests. */
  readonly seed: number;
  /** The faults, in the order in which they are tried. */
  readonly faults: readonly ChaosFault[];
}

/** A fault and its probability. */
export interface ChaosFault {
  /** The fault, and the requests that it matches. */
  readonly fault: Fault;
  /** The probability that it hits a matching request, from 0 to 1. */
  readonly chance: number;
}

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, readonly [what: string, check: Check]>>;

const whole = (least: number): readonly [string, Check] => [
  `a whole number from ${least}`,
  (value) => Number.isSafeInteger(value) && (value as number) >= least,
];
const oneOf = (...values: readonly string[]): readonly [string, Check] => [
  `one of ${values.map((value) => `"${value}"`).join(", ")}`,
  (value) => typeof value === "string" && values.includes(value),
];
const text: readonly [string, Check] = ["a text", (value) => typeof value === "string"];
const object: readonly [string, Check] = ["an object", isObject];
const headers = (mayBeNull: boolean): readonly [string, Check] => [
  `an object of texts${mayBeNull ? ", or null to leave one out" : ""}`,
  (value) =>
    isObject(value) &&
    Object.values(value).every((one) => typeof one === "string" || (mayBeNull && one === null)),
];

const strike: Fields = {
  on: oneOf(...operations),
  nth: whole(1),
  times: [
    'a whole number from 1, or "always"',
    (value) => value === "always" || whole(1)[1](value),
  ],
  chance: [
    "a number from 0 to 1",
    (value) => typeof value === "number" && value >= 0 && value <= 1,
  ],
  partId: whole(1),
};

const cut: Fields = { afterBytes: whole(0) };

/** The fields of each kind, in addition to those of `strike`. Those with a `!` are required. */
const kinds: Readonly<Record<Fault["do"], Fields>> = {
  reset: cut,
  fin: cut,
  stall: cut,
  "lose-answer": { by: oneOf("reset", "fin", "silence") },
  answer: {
    "status!": ["a status from 200 to 599", (value) => whole(200)[1](value) && Number(value) < 600],
    code: text,
    body: text,
    headers: headers(false),
    when: oneOf("instead", "early", "after-work"),
    socket: oneOf("hold", "reset"),
  },
  delay: { "ms!": whole(0) },
  trickle: { "bytesPerSec!": whole(1), afterBytes: whole(0) },
  headers: { "headers!": headers(true) },
  "ignore-range": {},
  "flip-bit": { atByte: whole(0) },
  resize: { "byBytes!": ["a whole number", Number.isSafeInteger] },
  edit: { "json!": object },
  "mark-failed": {},
};

/**
 * Reads a chaos file: JSON, `{ "seed": 1, "faults": [ … ] }`. Each fault is one of `Fault`, without functions:
 * `{ "on": "part", "do": "reset", "afterBytes": 1000000, "chance": 0.05, "times": "always" }`. `chance` is the
 * probability that a matching request is hit. `times` may be "always", which is its default if there is a
 * `chance`. The default of `seed` is 1.
 *
 * @throws {ChaosFileError} It is not JSON, or a field is unknown, missing or invalid.
 */
export function parseChaos(json: string): Chaos {
  const file = fieldsOf(parsed(json), "", { seed: whole(0), "faults!": listOfFaults });
  const faults = file["faults"] as readonly unknown[];
  return {
    seed: (file["seed"] as number | undefined) ?? 1,
    faults: faults.map((given, index) => faultOf(given, `faults[${index}]`)),
  };
}

/** Adds the faults to a server. @throws {ChaosFileError} A fault could never match. */
export function addChaos(to: Faults, { seed, faults }: Chaos): readonly AddedFault[] {
  const random = randomFrom(seed);
  return faults.map(({ fault, chance }, index) => {
    try {
      return to.add(chance === 1 ? fault : { ...fault, only: () => random() < chance });
    } catch (cause) {
      throw wrong(`faults[${index}]: ${(cause as Error).message}`, { cause });
    }
  });
}

const listOfFaults: readonly [string, Check] = ["a list of faults", Array.isArray];

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ChaosFileError(`The chaos file is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

function faultOf(given: unknown, where: string): ChaosFault {
  const kind: unknown = isObject(given) ? given["do"] : undefined;
  const fields = Object.entries(kinds).find(([name]) => name === kind)?.[1];
  if (fields === undefined) {
    const [what] = oneOf(...Object.keys(kinds));
    throw wrong(`${where}.do must be ${what}`);
  }
  const { on, ...others } = strike;
  const own = { "do!": text, "on!": on!, ...others, ...fields };
  const { chance = 1, times, ...fault } = fieldsOf(given, where, own);
  const most = times ?? (chance === 1 ? 1 : "always");
  // Each field was checked against those of its kind.
  const checked = { ...fault, times: most === "always" ? Infinity : most } as unknown as Fault;
  return { fault: checked, chance: chance as number };
}

/** Checks the fields of an object. @param where The place of the object; empty for the file itself. */
function fieldsOf(given: unknown, where: string, fields: Fields): Record<string, unknown> {
  if (!isObject(given)) {
    throw new ChaosFileError('The chaos file must be an object, { "faults": [ … ] }.');
  }
  const at = (name: string): string => (where === "" ? name : `${where}.${name}`);
  for (const name of Object.keys(given)) {
    const [what, check] = fields[name] ?? fields[`${name}!`] ?? [];
    if (check === undefined) throw wrong(`${at(name)} is not a known key`);
    if (!check(given[name])) throw wrong(`${at(name)} must be ${what}`);
  }
  for (const name of Object.keys(fields)) {
    if (name.endsWith("!") && !Object.hasOwn(given, name.slice(0, -1))) {
      throw wrong(`${at(name.slice(0, -1))} is missing`);
    }
  }
  return { ...given };
}

function wrong(what: string, options?: ErrorOptions): ChaosFileError {
  return new ChaosFileError(`In the chaos file, ${what}.`, options);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Makes random numbers (mulberry32): good enough for chances, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
