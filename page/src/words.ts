const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Formats bytes, as 12.3 MiB: at least three digits, and the unit. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** Formats a duration, as 2 h 05 min, 3 min 20 s or 12 s. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h} h ${String(min).padStart(2, "0")} min`;
  return min > 0 ? `${min} min ${String(s).padStart(2, "0")} s` : `${s} s`;
}

const steps = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;
const relative = new Intl.RelativeTimeFormat("en", { style: "short" });

/** Formats how long ago something was: "3 days ago", "just now". */
export function ago(atSec: number, nowSec: number): string {
  const seconds = Math.max(0, nowSec - atSec);
  const [unit, length] = steps.find((step) => seconds >= step[1]) ?? ["second", seconds];
  return unit === "second" ? "just now" : relative.format(-Math.floor(seconds / length), unit);
}

export const date = (atSec: number): string =>
  new Date(atSec * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Returns what the user can do about an error, by its code; or the error's own message if that is enough. */
export function errorText(error: unknown): string {
  const { code = "", message } = error as { code?: string; message: string };
  return byCode[code] ?? message;
}

const byCode: Readonly<Record<string, string>> = {
  TRANSFER_LOCKED:
    "Another tab of this browser is working on it. Continue there, or close that tab.",
  NOT_AUTHORIZED: "The server does not accept the token any more. Sign out, then sign in again.",
  UNAUTHORIZED: "The server does not accept this token.",
  CONNECTION_FAILED: "The server cannot be reached. Is it running?",
  SOURCE_CHANGED:
    "The file is not the one that this upload began with, or it was changed. Choose the original file again, or remove this upload and start over.",
  JOURNAL_CORRUPT: "This browser's journal of the transfer is damaged. Remove it and start over.",
};
