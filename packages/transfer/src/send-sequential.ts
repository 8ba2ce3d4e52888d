import { isSameSource } from "./claim/source-identity.js";
import type { SendSequential } from "./finish-upload.js";
import type { Receipts } from "./journal/state.js";
import type { UploadRecords } from "./journal/unkept-journal.js";
import { planParts } from "./plan.js";
import type { SequentialSource } from "./ports.js";
import type { Run } from "./run/run.js";
import { otherBytes } from "./sending/read-again.js";
import { sendAll } from "./sending/send-all.js";
import { StreamInput } from "./sending/stream-reader.js";

/** Sends what is read from its start to its end. */
export const sendSequential: SendSequential = async (
  ctx,
  source,
  { partBytes, receipts, sha256 },
  rest,
) => {
  const { run, journal, options } = ctx;
  const expectedBytes = sizeIn(journal);
  if (expectedBytes !== null) run.meter.plan(planParts(expectedBytes, partBytes), receipts);
  if (expectedBytes !== null && sha256 !== null) return { sha256, sizeBytes: expectedBytes };
  if (!isSameSource(ctx)) await compareFirstRead(run, source, partBytes, receipts);
  const stream = await source.open(options.signal);
  try {
    const input = new StreamInput(run, { stream, partBytes, expectedBytes });
    return { sha256: await sendAll({ ...rest, input }), sizeBytes: input.readBytes };
  } finally {
    await stream.close();
  }
};

/**
 * As `compareFirst`, for a source that is read from its start: it is read as far as that part.
 *
 * @throws {SourceChangedError} It has other bytes, or ends before.
 */
async function compareFirstRead(
  { platform, options: { signal } }: Run,
  source: SequentialSource,
  partBytes: number,
  receipts: Receipts,
): Promise<void> {
  if (receipts.size === 0) return;
  const number = Math.min(...receipts.keys());
  const buffer = platform.allocate(partBytes);
  const reading = await source.open(signal);
  try {
    let bytes = buffer;
    for (let read = 0; read < number && bytes.length === partBytes; read++) {
      bytes = buffer.subarray(0, await reading.read(buffer, signal));
    }
    const crc32 = await platform.crc32(bytes);
    if (crc32 === receipts.get(number)?.crc32) return;
    throw otherBytes({ number, offset: (number - 1) * partBytes, lengthBytes: bytes.length });
  } finally {
    await reading.close();
  }
}

const sizeIn = ({ state }: UploadRecords): number | null =>
  state.at === "nothing" || state.at === "downloading" ? null : state.sizeBytes;
