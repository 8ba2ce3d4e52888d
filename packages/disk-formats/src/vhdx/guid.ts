import type { Fields } from "../fields.js";

/** Formats a GUID: its first three parts are little-endian numbers, the rest bytes in order. */
export function guidAt(fields: Fields, at: number): string {
  const rest = [...fields.bytes.subarray(at + 8, at + 16)].map((byte) => hex(byte, 2)).join("");
  const parts = [hex(fields.u32(at), 8), hex(fields.u16(at + 4), 4), hex(fields.u16(at + 6), 4)];
  return [...parts, rest.slice(0, 4), rest.slice(4)].join("-");
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
