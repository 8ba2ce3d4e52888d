import { kept } from "../promises/kept.js";
import type { Loan } from "../run/buffers.js";
import { openLane, type Lane } from "../run/lanes.js";
import { linkedController } from "../promises/together.js";
import type { Part } from "../plan.js";
import { requestOverLane, type LaneRequest } from "../request/lane-request.js";
import type { Run } from "../run/run.js";
import { wholePart, type Stretch } from "./stretch.js";
import { partFetch, WholeImage, type StoredImage } from "./fetch-part.js";

/**
 * The request for the first part that is missing, on the first lane's connection. The head of its answer tells what
 * the store has; its body is held back until there is memory for it.
 */
export interface FirstAnswer {
  readonly lane: Lane;
  readonly request: LaneRequest<void>;
  readonly stretch: Stretch;
  /** Whether the lane can continue with this part, or with whatever comes where the store ignores ranges. */
  isFor(part: Part | undefined): boolean;
  /** Fills the part. */
  fill(loan: Loan, signal: AbortSignal): Promise<void>;
  /** Ends the request and closes the connection. Idempotent. */
  close(): Promise<void>;
}

/** Resolves when `image` knows ETag and ranges. */
export async function askFirst(run: Run, image: StoredImage, part: Part): Promise<FirstAnswer> {
  const lane = openLane(run);
  const { controller, unlink } = linkedController(run.options.signal);
  let give!: (loan: Loan) => void;
  const lent = kept(new Promise<Loan>((resolve) => (give = resolve)));
  const answered = kept(new Promise<void>((resolve) => (image.onAnswered = resolve)));
  const stretch = wholePart(part);
  const sent = { run, image, lane, part, stretch, loan: lent, signal: controller.signal };
  const request = partFetch(sent);
  const fetched = kept(requestOverLane(request));
  const close = async (): Promise<void> => {
    isOpen = false;
    unlink();
    controller.abort(new Error("the first answer is not needed"));
    await Promise.allSettled([fetched]);
    await lane.transport.close();
  };
  let isOpen = true;
  try {
    await Promise.race([answered, fetched]);
  } catch (error) {
    if (!(error instanceof WholeImage)) {
      await close();
      throw error;
    }
  }
  return {
    lane,
    request,
    stretch,
    isFor: (wanted) => isOpen && (!image.ranges || isSamePart(part, wanted)),
    fill: (loan, signal) => {
      give(loan);
      lane.meter.state = "moving"; // it began before the lane was counted among the others
      return abortedBy(signal, controller, fetched);
    },
    close,
  };
}

/** Waits for what a controller can end, which a signal aborts meanwhile, too. */
async function abortedBy(
  signal: AbortSignal,
  controller: AbortController,
  work: Promise<void>,
): Promise<void> {
  const abort = (): void => controller.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  await work.finally(() => signal.removeEventListener("abort", abort));
}

/** Plans of other part lengths have other parts at the same offset. */
const isSamePart = (part: Part, wanted: Part | undefined): boolean =>
  wanted?.offset === part.offset && wanted.lengthBytes === part.lengthBytes;
