/** Checks a value that came from outside, and gives it its type. */
export type Decoder<T> = (value: unknown, path: string) => T;

/** A value that is not what the contract says. Never holds the value: it may be a presigned URL. */
export class Mismatch extends Error {
  override readonly name: string = "Mismatch";
  readonly path: string;
  readonly expected: string;
  readonly #value: unknown;

  constructor(path: string, expected: string, value: unknown, got: string = kindOf(value)) {
    super(`${path || "the value"}: expected ${expected}, got ${got}`);
    this.path = path;
    this.expected = expected;
    this.#value = value;
  }

  /** The same with the value in its message, for input, which the caller knows anyway. */
  shown(redact: (text: string) => string): Mismatch {
    const value = this.#value;
    if (typeof value !== "string") return this;
    const start = redact(value).slice(0, 60);
    return new Mismatch(this.path, this.expected, value, JSON.stringify(start));
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean")
    return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "string" ? "another text" : `a value of type ${typeof value}`;
}

export const text: Decoder<string> = (value, path) => {
  if (typeof value !== "string") throw new Mismatch(path, "text", value);
  return value;
};

export const flag: Decoder<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new Mismatch(path, "true or false", value);
  return value;
};

/** A finite number; JSON's `1e999` is not. */
export const seconds: Decoder<number> = (value, path) => {
  if (!Number.isFinite(value)) throw new Mismatch(path, "Unix seconds", value);
  return Number(value);
};

export const whole =
  (min: number, max: number): Decoder<number> =>
  (value, path) => {
    if (!Number.isInteger(value) || Number(value) < min || Number(value) > max) {
      throw new Mismatch(path, `a whole number from ${min} to ${max}`, value);
    }
    return Number(value);
  };

export const matching =
  (expected: string, ...patterns: readonly RegExp[]): Decoder<string> =>
  (value, path) => {
    if (typeof value !== "string" || !patterns.some((pattern) => pattern.test(value)))
      throw new Mismatch(path, expected, value);
    return value;
  };

export const exactly =
  <const T extends string>(wanted: T): Decoder<T> =>
  (value, path) => {
    if (value !== wanted) throw new Mismatch(path, JSON.stringify(wanted), value);
    return wanted;
  };

export const url: Decoder<string> = (value, path) => {
  const given = text(value, path);
  try {
    new URL(given);
    return given;
  } catch {
    throw new Mismatch(path, "an absolute URL", value);
  }
};

export const optional =
  <T>(decode: Decoder<T>): Decoder<T | undefined> =>
  (value, path) =>
    value === undefined ? undefined : decode(value, path);

export const nullable =
  <T>(decode: Decoder<T>): Decoder<T | null | undefined> =>
  (value, path) =>
    value === undefined || value === null ? value : decode(value, path);

/** For what the contract calls optional: a service may also send null. */
export const absentIfNull =
  <T>(decode: Decoder<T>): Decoder<T | undefined> =>
  (value, path) =>
    nullable(decode)(value, path) ?? undefined;

export const list =
  <T>(decode: Decoder<T>): Decoder<T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) throw new Mismatch(path, "an array", value);
    return value.map((item, index) => decode(item, `${path}[${index}]`));
  };

/** One decoder for each field, under its name in TypeScript. */
export type Fields<T> = { readonly [Key in keyof T]-?: Decoder<T[Key]> };

const snake = (camel: string) => camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const same = (name: string) => name;

/** Reads snake_case JSON. What it doesn't know it leaves out; absent fields stay absent. */
export const fromWire = <T>(fields: Fields<T>): Decoder<T> => convert<T, T>(fields, snake, same);

/** Checks a caller's object and gives it its names on the wire. */
export const toWire = <T>(fields: Fields<T>): Decoder<Record<string, unknown>> =>
  convert<T, Record<string, unknown>>(fields, same, snake);

function convert<T, Out>(
  fields: Fields<T>,
  nameIn: (name: string) => string,
  nameOut: (name: string) => string,
): Decoder<Out> {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Mismatch(path, "an object", value);
    }
    const out: Record<string, unknown> = {};
    for (const [name, decode] of Object.entries<Decoder<unknown>>(fields)) {
      const field = nameIn(name);
      // Own properties only: what `__proto__` or a patched prototype offers is nobody's answer.
      const given: unknown = Object.hasOwn(value, field) ? Reflect.get(value, field) : undefined;
      const decoded = decode(given, path ? `${path}.${field}` : field);
      if (decoded !== undefined) out[nameOut(name)] = decoded;
    }
    return out as Out; // each field was checked by its decoder
  };
}
