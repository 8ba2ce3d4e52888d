import type { Loan } from "../run/buffers.js";
import type { Lane } from "../run/lanes.js";
import { LaneMeter } from "../run/meter.js";
import { sendPart, type Sending } from "./send-part.js";
import type { Flights } from "../request/flights.js";
import { linkedController } from "../run/together.js";

/** Sends a part, which another lane may send too if it takes too long: the first answer wins. */
export async function sendRaced(
  sending: Sending,
  stragglers: Flights,
  lane: Lane,
  loan: Loan,
): Promise<string> {
  const { controller, unlink } = linkedController(sending.signal);
  const endFirst = (): void => controller.abort(new Error("another connection was faster"));
  const underWay = stragglers.add(loan, lane.meter, endFirst);
  try {
    return await sendPart({ ...sending, signal: controller.signal }, lane, loan);
  } catch (error) {
    sending.signal.throwIfAborted();
    if (underWay.etag === null) throw error;
    return underWay.etag;
  } finally {
    stragglers.remove(underWay);
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
  stragglers: Flights,
  lane: Lane,
): Promise<boolean> {
  lane.meter.state = "idle";
  const underWay = await stragglers.next(sending.signal);
  if (underWay === null) return false;
  const { loan } = underWay;
  if (underWay.over.signal.aborted) return true; // through meanwhile, and its buffer may be given back
  const { controller, unlink } = linkedController(sending.signal);
  const end = (): void => controller.abort(underWay.over.signal.reason);
  underWay.over.signal.addEventListener("abort", end, { once: true });
  loan.retain();
  try {
    // Its bytes are those of the first try, which is the one that is shown.
    const unseen: Lane = { ...lane, meter: new LaneMeter() };
    underWay.etag = await sendPart({ ...sending, signal: controller.signal }, unseen, loan);
    underWay.endFirst();
  } catch {
    sending.signal.throwIfAborted(); // else the first try has succeeded, or continues
  } finally {
    loan.release();
    underWay.over.signal.removeEventListener("abort", end);
    unlink();
  }
  return true;
}
