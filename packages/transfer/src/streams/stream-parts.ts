import type { Api } from "../service/api.js";
import { ImageSizeError } from "../errors.js";
import { checkPresignedUrl } from "../service/part-url.js";
import { Buffers, type Loan } from "../pipeline/buffers.js";
import type { Lane } from "../pipeline/lanes.js";
import { moveAll } from "../pipeline/moving.js";
import { PartUrls } from "../pipeline/part-urls.js";
import { ReadStream } from "../pipeline/read-stream.js";
import { sendPart, type Sending } from "../pipeline/send-part.js";
import { StreamDigest } from "../pipeline/stream-digest.js";
import type { Source } from "../ports.js";
import type { StreamSource } from "./ports.js";
import { enterPhase, type Run } from "../run.js";

/** Everything that sending a stream needs. */
export interface StreamParts {
  readonly run: Run;
  readonly api: Api;
  readonly server: string;
  readonly source: Source;
  readonly stream: StreamSource;
  readonly imageId: string;
  readonly partBytes: number;
}

/** Sends a stream part by part as it is read, and makes its digest in the same pass. */
export async function sendStream(
  parts: StreamParts,
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const { run, stream, partBytes } = parts;
  run.meter.planStream();
  enterPhase(run, "moving");
  const allocate = (bytes: number): Uint8Array => run.platform.allocate(bytes);
  const buffers = new Buffers(allocate, partBytes, run.options.memoryBytes);
  const digest = run.platform.openDigest(null);
  const inOrder = new StreamDigest(digest);
  const reader = new ReadStream(stream, partBytes);
  try {
    const sha256 = await moveAll(run, buffers, inOrder, (signal, spawn) => {
      const urls = partUrls(parts, signal);
      const onRead = (loan: Loan): void => {
        run.meter.grow(loan.part);
        inOrder.take(loan);
        urls.ahead(loan.part);
      };
      spawn(async () => {
        try {
          await reader.run(buffers, () => run.pace.lanes, onRead, signal);
          if (reader.readBytes === 0) throw new ImageSizeError(0);
          run.meter.ended();
        } finally {
          inOrder.end();
          await urls.settled();
        }
      });
      const sending = { run, urls, md5s: null, source: parts.source, signal };
      return (lane) => sendNext(sending, reader, lane);
    });
    return { sha256, sizeBytes: reader.readBytes };
  } finally {
    await digest.close();
  }
}

function partUrls({ run, api, server, imageId }: StreamParts, signal: AbortSignal): PartUrls {
  const service = api.within(signal);
  return new PartUrls(run.clock, async (part) => {
    const minted = await service.partUrl(imageId, part.number);
    checkPresignedUrl(minted.url, server);
    return minted;
  });
}

async function sendNext(sending: Sending, reader: ReadStream, lane: Lane): Promise<boolean> {
  const { run, signal } = sending;
  const loan = await reader.take(signal);
  if (loan === null) return false;
  try {
    await sendPart(sending, lane, loan);
    run.meter.landed(lane.meter, loan.part);
    run.meter.arrived(loan.part);
    run.patience.progressed();
    return true;
  } finally {
    loan.release();
  }
}
