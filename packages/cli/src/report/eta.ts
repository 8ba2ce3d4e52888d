/** The time at which a transfer will be done, as shown; null while unknown. */
export type ShownEta = { readonly endMs: number } | null;

/**
 * Combines a new estimate with the one that is shown. The shown time counts down by itself: a small difference
 * is ignored, a large one moves it part of the way, so that it follows without jumping.
 */
export function steadyEta(shown: ShownEta, nowMs: number, leftMs: number | null): ShownEta {
  if (leftMs === null) return null;
  const newEndMs = nowMs + leftMs;
  if (shown === null) return { endMs: newEndMs };
  const offMs = newEndMs - shown.endMs;
  if (Math.abs(offMs) <= Math.max(1500, leftMs * 0.1)) return shown;
  return { endMs: shown.endMs + offMs * 0.3 };
}

/** Returns the seconds left, rounded more coarsely the longer they are; null while unknown. */
export function shownSeconds(shown: ShownEta, nowMs: number): number | null {
  if (shown === null) return null;
  const sec = Math.max(1, Math.ceil((shown.endMs - nowMs) / 1000));
  return sec <= 60 ? sec : sec <= 600 ? roundUp(sec, 5) : roundUp(sec, 60);
}

const roundUp = (sec: number, step: number): number => Math.ceil(sec / step) * step;
