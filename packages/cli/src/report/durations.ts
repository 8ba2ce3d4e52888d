import { counted } from "./counted.js";

/** The text is not a duration. */
export class NotADuration extends Error {}

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Parses a duration as people type it: `30s`, `10m`, `2h`; without a unit, seconds.
 *
 * @returns Milliseconds.
 * @throws {NotADuration} It is something else.
 */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([smh]?)$/i.exec(text.trim());
  if (match === null) throw new NotADuration("Give a duration such as 30s, 10m or 2h.");
  return Math.round(Number(match[1]) * unitsMs[match[2]?.toLowerCase() || "s"]!);
}

/** Formats a duration, as `4.2 s`, `3 min 20 s` or `2 h 05 min`. */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  return formatSeconds(Math.round(ms / 1000));
}

/** Formats a duration in whole seconds, for a display that counts. */
export function formatSeconds(sec: number): string {
  if (sec < 60) return `${sec} s`;
  const [hours, minutes] = [Math.floor(sec / 3600), Math.floor(sec / 60) % 60];
  if (hours === 0) return `${minutes} min ${pad(sec % 60)} s`;
  return `${hours} h ${pad(minutes)} min`;
}

const pad = (value: number): string => String(value).padStart(2, "0");

/** Formats an age roughly, as `3 min ago` or `2 days ago`. */
export function formatAge(sec: number): string {
  if (sec < 60) return "just now";
  if (sec < 3600) return `${Math.floor(sec / 60)} min ago`;
  if (sec < 86_400) return `${counted(Math.floor(sec / 3600), "hour")} ago`;
  return `${counted(Math.floor(sec / 86_400), "day")} ago`;
}
