import type { Api } from "../service/api.js";
import { ImageSizeError } from "../errors.js";
import { UrlOwners } from "../service/answers.js";
import { checkPresignedUrl } from "../service/presigned-url.js";
import { Buffers, type Loan } from "../run/buffers.js";
import type { Lane } from "../run/lanes.js";
import { moveAll } from "../run/moving.js";
import { MintedUrls } from "../request/minted-urls.js";
import { ReadAhead } from "./read-ahead.js";
import { StreamParts } from "./stream-reader.js";
import type { Sending } from "./send-part.js";
import { sendRaced, sendStraggler } from "./send-raced.js";
import { Flights } from "../request/flights.js";
import { StreamDigest } from "../digest/stream-digest.js";
import type { Source } from "../ports.js";
import type { StreamSource } from "../stream-port.js";
import { enterPhase, type Run } from "../run/run.js";

/** Everything that sending a stream needs. */
export interface StreamUpload {
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
  upload: StreamUpload,
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const { run, stream, partBytes } = upload;
  run.meter.planStream();
  enterPhase(run, "moving");
  const allocate = (bytes: number): Uint8Array => run.platform.allocate(bytes);
  const buffers = new Buffers(allocate, partBytes, run.options.memoryBytes);
  const digest = run.platform.openDigest(null);
  const inOrder = new StreamDigest(digest);
  const parts = new StreamParts(stream, partBytes, buffers);
  try {
    const sha256 = await moveAll(run, buffers, inOrder, null, (signal, spawn) => {
      const ready = new ReadAhead();
      const stragglers = new Flights(run);
      const urls = partUrls(upload, signal);
      const onRead = (loan: Loan): void => {
        run.meter.grow(loan.part);
        inOrder.take(loan);
        urls.ahead(loan.part);
      };
      spawn(async () => {
        try {
          await ready.run(parts, () => run.pace.lanes, onRead, signal);
          if (parts.readBytes === 0) throw new ImageSizeError(0);
          run.meter.ended();
        } finally {
          inOrder.end();
          await urls.settled();
        }
      });
      const sending = { run, urls, md5s: null, source: upload.source, signal };
      return (lane) => sendNext(sending, ready, stragglers, lane);
    });
    return { sha256, sizeBytes: parts.readBytes };
  } finally {
    await digest.close();
  }
}

function partUrls({ run, api, server, imageId }: StreamUpload, signal: AbortSignal): MintedUrls {
  const service = api.within(signal);
  const owners = new UrlOwners();
  return new MintedUrls(run.clock, async (part) => {
    const minted = await service.partUrl(imageId, part.number, owners);
    checkPresignedUrl(minted.url, server);
    return minted;
  });
}

async function sendNext(
  sending: Sending,
  ready: ReadAhead,
  stragglers: Flights,
  lane: Lane,
): Promise<boolean> {
  const { run, signal } = sending;
  const loan = await ready.take(signal);
  if (loan === null) return sendStraggler(sending, stragglers, lane);
  try {
    await sendRaced(sending, stragglers, lane, loan);
    run.meter.landed(lane.meter, loan.part);
    run.meter.arrived(loan.part);
    run.patience.progressed();
    return true;
  } finally {
    loan.release();
  }
}
