/**
 * How many lanes pay off. Pure: a state and what was measured give the next state.
 *
 * It climbs while throughput climbs with it, goes back to the best it knows when it does not, and
 * looks again now and then, since links change.
 */
export interface Pace {
  readonly lanes: number;
  readonly maxLanes: number;
  /** The best known: so many lanes gave so many bytes per second. */
  readonly best: { readonly lanes: number; readonly bytesPerSecond: number };
  /** No look for more lanes before this time. */
  readonly holdUntilMs: number;
  /** How long it will hold after the next look that gains nothing. */
  readonly holdMs: number;
  /** When the present number of lanes began; what is measured before they run full says nothing. */
  readonly sinceMs: number;
}

/**
 * How many lanes a transfer begins with. Under a limit that one connection can fill there is one, so
 * that parts arrive one after the other and a kill costs little; more are tried like everywhere.
 */
export const startLanesFor = (bytesPerSecond: number): number =>
  Math.min(usualLanes, Math.max(1, Math.ceil(bytesPerSecond / oneConnectionFills)));

const usualLanes = 4;
const oneConnectionFills = 64 * 1024 * 1024;

/** One lane more must bring at least this much of its share. */
const worthwhileGain = 0.3;
const settleMs = 600;
const firstHoldMs = 10_000;
const longestHoldMs = 120_000;

export function startPace(startLanes: number, maxLanes: number, nowMs: number): Pace {
  return {
    lanes: Math.min(startLanes, maxLanes),
    maxLanes,
    best: { lanes: startLanes, bytesPerSecond: 0 },
    holdUntilMs: 0,
    holdMs: firstHoldMs,
    sinceMs: nowMs,
  };
}

/** Whether a measurement that began at `fromMs` is about the present number of lanes, run full. */
export const isSettled = (pace: Pace, fromMs: number): boolean => fromMs >= pace.sinceMs + settleMs;

/** @param bytesPerSecond Over a window in which `isSettled` held from its start, and lanes had work. */
export function measured(pace: Pace, bytesPerSecond: number, nowMs: number): Pace {
  if (pace.lanes > pace.best.lanes) {
    const share = pace.lanes / pace.best.lanes - 1;
    const gain = bytesPerSecond / pace.best.bytesPerSecond - 1;
    if (gain < worthwhileGain * share) return backToBest(pace, nowMs);
  }
  const best = { lanes: pace.lanes, bytesPerSecond };
  return climb({ ...pace, best }, nowMs);
}

function climb(pace: Pace, nowMs: number): Pace {
  if (nowMs < pace.holdUntilMs || pace.lanes >= pace.maxLanes) return pace;
  const lanes = Math.min(pace.maxLanes, Math.ceil(pace.lanes * 1.5));
  return { ...pace, lanes, sinceMs: nowMs };
}

function backToBest(pace: Pace, nowMs: number): Pace {
  return {
    ...pace,
    lanes: pace.best.lanes,
    holdUntilMs: nowMs + pace.holdMs,
    holdMs: Math.min(pace.holdMs * 2, longestHoldMs),
    sinceMs: nowMs,
  };
}

/** The store asked for less: half the lanes, and no more for a while. */
export function slowedDown(pace: Pace, nowMs: number): Pace {
  if (nowMs < pace.sinceMs + settleMs && pace.holdUntilMs > nowMs) return pace;
  const lanes = Math.max(1, Math.floor(pace.lanes / 2));
  return {
    ...pace,
    lanes,
    best: { lanes, bytesPerSecond: 0 },
    holdUntilMs: nowMs + firstHoldMs,
    sinceMs: nowMs,
  };
}
