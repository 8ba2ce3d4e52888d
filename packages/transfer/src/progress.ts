/** What a transfer is doing. */
export type TransferPhase =
  | "preparing"
  | "moving"
  /** The file is read again, where the platform may not notice that it changed meanwhile. */
  | "rereading"
  | "finishing"
  | "verifying";

/** What a lane is doing. */
export type LaneState =
  | "taking"
  /** No part is left for it; it waits for one that another lane might not finish. */
  | "idle"
  | "minting"
  | "moving"
  | "answering"
  | "recording"
  | "waiting"
  /** Nothing gets through: another lane tries for all. */
  | "held";

/** What holds a transfer back just now. */
export type Limit = "disk" | "digest" | "network" | "server" | "rate-limit" | "retry";

/** Why nothing moves, and for how long. Times are in ms from now. */
export interface Outage {
  /** The web server that an uploaded URL names, if it is that one; absent if it is the service or its store. */
  readonly webServer?: string | undefined;
  /** What the last try ended with, without URL or token. */
  readonly reason: string;
  /** Whether the server or the store answered, if with a refusal. */
  readonly isReachable: boolean;
  /** Tries in a row that failed. */
  readonly failedTries: number;
  /** Until the next try; 0 while it is made. */
  readonly retryInMs: number;
  /** Until the transfer gives up, unless something moves before. */
  readonly giveUpInMs: number;
}

/** What `onProgress` is told. */
export interface TransferProgress {
  /** What it is doing; "moving" is most of the time. */
  readonly phase: TransferPhase;
  /** 0 until it is known: a stream is as long as what came, once it has ended. */
  readonly sizeBytes: number;
  /** Bytes of parts that have a receipt, those of earlier runs among them; or that were read again or back, while "rereading" or "verifying". */
  readonly doneBytes: number;
  /** Bytes of parts in flight that have moved so far; with `doneBytes` it makes a smooth bar. */
  readonly inFlightBytes: number;
  /** Bytes that the digest has taken in. */
  readonly digestedBytes: number;
  /** Parts that have a receipt, those of earlier runs among them. */
  readonly partsDone: number;
  /** 0 until it is known. */
  readonly partsTotal: number;
  /** Parts of which some bytes have moved, and that have no receipt yet. */
  readonly partsInFlight: number;
  /** Lanes that there are just now, 0 to 32. */
  readonly lanes: number;
  /** Over the last few seconds; 0 until something moved. */
  readonly bytesPerSecond: number;
  /** null while it cannot be told. */
  readonly etaMs: number | null;
  /** null while nothing moves. */
  readonly limitedBy: Limit | null;
  /** Present after a failed try, until something moves again; there is no rate meanwhile, and no `etaMs`. */
  readonly outage?: Outage | undefined;
}

/** The fold's state: what was moved when, and what lanes were seen doing. */
export interface ProgressState {
  readonly rate: number;
  /** What moved, and how long that took, each forgotten over a few seconds: their quotient is the rate. */
  readonly movedBytes: number;
  readonly movingMs: number;
  /** How long it has been looked at. */
  readonly seenMs: number;
  readonly lastMs: number;
  readonly lastMovedBytes: number;
  readonly seen: Readonly<Record<Limit, number>>;
}

/** One look at a running transfer. */
export interface Sample {
  readonly nowMs: number;
  /** Bytes that moved since this process began, tries that failed among them. */
  readonly movedBytes: number;
  readonly laneStates: readonly LaneState[];
  /** Whether a lane that is taking waits for a buffer that the digest still holds. */
  readonly buffersOut: boolean;
  readonly rateLimited: boolean;
}

const nothingSeen = { disk: 0, digest: 0, network: 0, server: 0, "rate-limit": 0, retry: 0 };

export const startProgress = (nowMs: number): ProgressState => ({
  rate: 0,
  movedBytes: 0,
  movingMs: 0,
  seenMs: 0,
  lastMs: nowMs,
  lastMovedBytes: 0,
  seen: nothingSeen,
});

/** How much an old second counts against a new one, in ms: the rate forgets over about this long. */
const memoryMs = 3_000;

/** Folds one look into the state. Pure. */
export function observe(state: ProgressState, sample: Sample): ProgressState {
  const passedMs = sample.nowMs - state.lastMs;
  if (passedMs <= 0) return state;
  const kept = Math.exp(-passedMs / memoryMs);
  const weight = state.rate === 0 ? 1 : 1 - kept;
  // Not a mean of rates: the first look of all, when sockets' buffers fill at once, would outweigh the others.
  const movedBytes = state.movedBytes * kept + sample.movedBytes - state.lastMovedBytes;
  const movingMs = state.movingMs * kept + passedMs;
  return {
    rate: (movedBytes / movingMs) * 1000,
    movedBytes,
    movingMs,
    seenMs: state.seenMs + passedMs,
    lastMs: sample.nowMs,
    lastMovedBytes: sample.movedBytes,
    seen: remember(state.seen, sample, weight),
  };
}

function remember(
  seen: ProgressState["seen"],
  sample: Sample,
  weight: number,
): ProgressState["seen"] {
  const next: Record<Limit, number> = { ...seen };
  for (const limit of limits) next[limit] *= 1 - weight;
  for (const state of sample.laneStates) {
    const limit = limitOf(state, sample);
    if (limit !== null) next[limit] += weight;
  }
  return next;
}

const limits: readonly Limit[] = ["disk", "digest", "network", "server", "rate-limit", "retry"];

/** Null: the lane waits for nothing. */
function limitOf(state: LaneState, sample: Sample): Limit | null {
  switch (state) {
    case "idle":
      return null;
    case "taking":
      return sample.buffersOut ? "digest" : "disk";
    case "recording":
      return "disk";
    case "minting":
    case "answering":
      return "server";
    case "moving":
      return sample.rateLimited ? "rate-limit" : "network";
    case "held":
      return "network";
    case "waiting":
      return "retry";
  }
}

/** What lanes were mostly seen waiting for; null if they were not seen at all. */
export function limitedBy(state: ProgressState): Limit | null {
  const most = limits.reduce((a, b) => (state.seen[b] > state.seen[a] ? b : a));
  return state.seen[most] > 0 ? most : null;
}

/** Sooner than this a rate is a guess, and the time left would jump. */
const leastSeenMs = 1_000;

/** Time left at the present rate; null while nothing moves, and in the first second. */
export function etaMs(state: ProgressState, leftBytes: number): number | null {
  return state.rate > 0 && state.seenMs >= leastSeenMs
    ? Math.round((leftBytes / state.rate) * 1000)
    : null;
}
