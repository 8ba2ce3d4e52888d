import type { Finding } from "@img/node-fs";
import { printable } from "../report/text-width.js";

/** Formats a finding for people: what was found, and below it what to do. */
export function findingLines({ severity, message, advice }: Finding): readonly string[] {
  const label = `${severity}:`.padEnd(9);
  return [`${label}${printable(message)}`, `${" ".repeat(9)}${printable(advice)}`];
}
