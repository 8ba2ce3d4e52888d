/**
 * How many lanes pay off. Pure: a state and what was measured give the next state.
 *
 * It doubles while throughput grows with it, goes back to the best it knows when it does not, and
 * looks again now and then, since links change. Where the store asks for less, it looks for what
 * the store takes between the best it knows and what was too much.
 */
export interface Pace {
  readonly lanes: number;
  readonly maxLanes: number;
  /** The best known: so many lanes gave so many bytes per second, 0 where that is not known yet. */
  readonly best: { readonly lanes: number; readonly bytesPerSecond: number };
  /** So many were too many for the store; Infinity where that is not known. */
  readonly tooMany: number;
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

/** Twice the lanes must bring this much more: what is given up then is less than a tenth. */
const worthwhileGain = 0.12;
/** A connection that moves this much per second is held back by the machine, not by the link. */
const fastLaneBytes = 192 * 1024 * 1024;
/** A thread that is at work for more of its time moves no more by more connections. */
const busyMost = 0.85;
const settleMs = 600;
const firstHoldMs = 10_000;
const longestHoldMs = 120_000;

export function startPace(startLanes: number, maxLanes: number, nowMs: number): Pace {
  const lanes = Math.min(startLanes, maxLanes);
  return {
    lanes,
    maxLanes,
    best: { lanes, bytesPerSecond: 0 },
    tooMany: Infinity,
    holdUntilMs: 0,
    holdMs: firstHoldMs,
    sinceMs: nowMs,
  };
}

/** Whether a measurement that began at `fromMs` is about the present number of lanes, run full. */
export const isSettled = (pace: Pace, fromMs: number): boolean => fromMs >= pace.sinceMs + settleMs;

/**
 * @param bytesPerSecond Over a window in which `isSettled` held from its start, and lanes had work.
 * @param busyShare Share of the window in which the thread that moves bytes was at work, 0 to 1.
 */
export function measured(
  pace: Pace,
  bytesPerSecond: number,
  nowMs: number,
  busyShare: number,
): Pace {
  if (pace.lanes > pace.best.lanes) {
    const share = pace.lanes / pace.best.lanes - 1;
    const gain = bytesPerSecond / pace.best.bytesPerSecond - 1;
    if (gain < worthwhileGain * share) return hold({ ...pace, lanes: pace.best.lanes }, nowMs);
  }
  const best = { lanes: pace.lanes, bytesPerSecond };
  return busyShare > busyMost ? { ...pace, best } : climb({ ...pace, best }, nowMs);
}

function climb(pace: Pace, nowMs: number): Pace {
  if (nowMs < pace.holdUntilMs || pace.lanes >= pace.maxLanes) return pace;
  if (pace.best.bytesPerSecond >= fastLaneBytes * pace.lanes) return pace;
  const between = Math.floor((pace.lanes + pace.tooMany) / 2);
  const lanes = Math.min(pace.maxLanes, between, pace.lanes * 2);
  return lanes > pace.lanes ? { ...pace, lanes, sinceMs: nowMs } : hold(pace, nowMs);
}

/** Stays for a while; after that all is open again. */
export function hold(pace: Pace, nowMs: number): Pace {
  return {
    ...pace,
    tooMany: Infinity,
    holdUntilMs: nowMs + pace.holdMs,
    holdMs: Math.min(pace.holdMs * 2, longestHoldMs),
    sinceMs: nowMs,
  };
}

/**
 * The next step of a start over connections that are slow each, on a link that is not full: more lanes, without a measurement.
 * What is measured in the first seconds says little: the system's buffers take more than the link moves.
 */
export function stepped(pace: Pace, nowMs: number): Pace {
  const lanes = Math.min(pace.lanes * 2, pace.maxLanes, mostSteppedLanes);
  return { ...pace, lanes, best: { lanes, bytesPerSecond: 0 }, sinceMs: nowMs };
}

/** Whether the start may take another step. @param fromMs When bytes began to move over the present lanes. */
export const maySteps = (pace: Pace, fromMs: number, nowMs: number): boolean =>
  pace.lanes < Math.min(pace.maxLanes, mostSteppedLanes) && nowMs >= fromMs + stepMs;

/** More lanes are tried only once what these move was measured. */
export const mostSteppedLanes = 16;
const stepMs = 1_000;

/** The store asked for less: back to the best known, or to half of it where that is too much. */
export function slowedDown(pace: Pace, nowMs: number): Pace {
  const tooMany = pace.lanes;
  const { best } = pace;
  if (tooMany > best.lanes && best.bytesPerSecond > 0) {
    return { ...pace, lanes: best.lanes, tooMany, sinceMs: nowMs };
  }
  const lanes = Math.max(1, Math.floor(tooMany / 2));
  return {
    ...pace,
    lanes,
    best: { lanes, bytesPerSecond: 0 },
    tooMany,
    holdUntilMs: nowMs + firstHoldMs,
    sinceMs: nowMs,
  };
}

/**
 * Whether a request to slow down is about lanes that are to end already: they continue until the part that
 * they are at is through, and are refused once more meanwhile.
 *
 * @param running Lanes that run, those that are to end among them.
 */
export function isEcho(pace: Pace, running: number, nowMs: number): boolean {
  const isBack = pace.lanes === pace.best.lanes && pace.tooMany !== Infinity;
  return isBack && (running > pace.lanes || nowMs < pace.sinceMs + settleMs);
}
