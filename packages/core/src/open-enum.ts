declare const brand: unique symbol;

/** A value that the contract didn't list when this was written. */
export type Unrecognized<T> = T & { [brand]: "unrecognized" };

type Values = Readonly<Record<string, string | number>>;

/** One of the listed values and nothing else. */
export type ClosedEnum<T extends Values> = T[keyof T];

/** One of the listed values, or one that a newer service made up. */
export type OpenEnum<T extends Values> =
  T[keyof T] | Unrecognized<T[keyof T] extends number ? number : string>;
