import type { Loan } from "../run/buffers.js";
import type { Lane } from "../run/lanes.js";
import { LaneMeter } from "../run/meter.js";
import { sendPart, type Sending } from "./send-part.js";
import type { PartsInFlight } from "../request/parts-in-flight.js";
import { linkedController } from "../promises/together.js";

/** Sends a part, which another lane may send too if it takes too long: the first answer wins. */
export async function sendRaced(
  sending: Sending,
  inFlight: PartsInFlight,
  lane: Lane,
  loan: Loan,
): Promise<string> {
  const { controller, unlink } = linkedController(sending.signal);
  const endFirst = (): void => controller.abort(new Error("another connection was faster"));
  const part = inFlight.add({ loan, stretch: loan.part }, lane, endFirst);
  try {
    return await sendPart({ ...sending, signal: controller.signal }, lane, loan);
  } catch (error) {
    sending.signal.throwIfAborted();
    if (part.etag === null) throw error;
    return part.etag;
  } finally {
    inFlight.remove(part);
    unlink();
  }
}

/**
 * What a lane does when no part is left: it sends one that holds all up a second time, on its own
 * connection. A part that is sent again replaces itself, and both tries send the same bytes.
 *
 * @returns false when no part is being sent any more.
 */
export async function sendStraggler(
  sending: Sending,
  inFlight: PartsInFlight,
  lane: Lane,
): Promise<boolean> {
  lane.meter.state = "idle";
  const part = await inFlight.next(sending.signal, () => inFlight.worthASecondCopy());
  if (part === null) return false;
  const { loan } = part;
  if (part.over.signal.aborted) return true; // through meanwhile, and its buffer may be given back
  const { controller, unlink } = linkedController(sending.signal);
  const end = (): void => controller.abort(part.over.signal.reason);
  part.over.signal.addEventListener("abort", end, { once: true });
  loan.retain();
  try {
    // Its bytes are those of the first try, which is the one that is shown.
    const unseen: Lane = { ...lane, meter: new LaneMeter(), renews: true };
    part.etag = await sendPart({ ...sending, signal: controller.signal }, unseen, loan);
    part.endFirst();
  } catch {
    sending.signal.throwIfAborted(); // else the first try has succeeded, or continues
  } finally {
    loan.release();
    part.over.signal.removeEventListener("abort", end);
    unlink();
  }
  return true;
}
