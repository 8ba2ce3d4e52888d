import { tracingChannel, type TracingChannel } from "node:diagnostics_channel";
import type { Platform, TracedCall, TracedPart } from "@img/transfer";

/** What `tracing:img:transfer:*` publishes of an upload, a download or a verification. */
export interface TransferTrace extends Failing {
  /** The kind of transfer. */
  readonly operation: "upload" | "download" | "verify";
  /** The image's name, or the id or path that the caller gave. */
  readonly image: string;
}

/** What `tracing:img:part:*` publishes of a part, from its first try until it has arrived. */
export interface PartTrace extends TracedPart, Failing {}

/** What `tracing:img:call:*` publishes of a request to the API. */
export interface CallTrace extends TracedCall, Failing {}

interface Failing {
  /** Why it failed; absent until it has. */
  readonly error?: unknown;
}

const channels = {
  transfer: tracingChannel<TransferTrace>("img:transfer"),
  part: tracingChannel<PartTrace>("img:part"),
  call: tracingChannel<CallTrace>("img:call"),
};

/** Runs a transfer so that subscribers of `img:transfer` see it. */
export const tracedTransfer = <T>(trace: TransferTrace, work: () => Promise<T>): Promise<T> =>
  traced(channels.transfer, trace, work, noError);

/** Runs a piece of a transfer so that subscribers of `img:part` and `img:call` see it. */
export const tracedPiece: NonNullable<Platform["traced"]> = (piece, work, errorIn = noError) =>
  piece.kind === "part"
    ? traced(channels.part, piece, work, errorIn)
    : traced(channels.call, piece, work, errorIn);

const noError = (): null => null;

/** Runs work, and publishes its start, end and error if somebody has subscribed. Its result is not published. */
function traced<Trace extends object, T>(
  channel: TracingChannel<Trace, Trace>,
  trace: Trace,
  work: () => Promise<T>,
  errorIn: (value: T) => Error | null,
): Promise<T> {
  return channel.hasSubscribers ? published(channel, trace, work, errorIn) : work();
}

async function published<Trace extends object, T>(
  channel: TracingChannel<Trace, Trace>,
  trace: Trace,
  work: () => Promise<T>,
  errorIn: (value: T) => Error | null,
): Promise<T> {
  const settled: { value: T }[] = [];
  const working = async (): Promise<void> => {
    const value = await work();
    settled.push({ value });
    const error = errorIn(value);
    if (error !== null) throw error;
  };
  try {
    await channel.tracePromise(working, { ...trace });
  } catch (error) {
    if (settled.length === 0) throw error;
  }
  return settled[0]!.value;
}
