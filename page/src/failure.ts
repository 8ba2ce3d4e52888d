import type { TransferState } from "./transfer-state.js";
import { errorText } from "./words.js";

type Failed = TransferState & { at: "failed" };

/** Returns the failed state that a transfer's card shows for an error. */
export function failureOf(error: unknown): Failed {
  const { code = "" } = error as { code?: string };
  if (code === "NAME_TAKEN")
    return nameTaken(error as { imageName: string; uploadStatus?: string });
  const wayOut = code.startsWith("FORMAT_") ? "none" : "again";
  return { at: "failed", why: errorText(error), wayOut };
}

function nameTaken(error: { imageName: string; uploadStatus?: string | null }): Failed {
  const { imageName, uploadStatus } = error;
  const isUnfinished = uploadStatus === "started" || uploadStatus === "uploading";
  const by = isUnfinished ? "an unfinished upload" : "another image";
  return {
    at: "failed",
    why: `The name ${imageName} is taken by ${by}.`,
    wayOut: isUnfinished ? "rename or replace" : "rename",
    takenName: imageName,
  };
}

const GiB = 1024 ** 3;
const mostBytes = 128 * GiB;

/** Returns why an image of this size cannot be uploaded; null if it can be. */
export function sizeRefusal(fileName: string, sizeBytes: number): Failed | null {
  const fail = (why: string): Failed => ({ at: "failed", why, wayOut: "none" });
  if (sizeBytes === 0) return fail(`${fileName} is empty.`);
  if (sizeBytes <= mostBytes) return null;
  // Rounded up, so that it is never shown as the limit itself.
  const size = (Math.ceil((sizeBytes / GiB) * 10) / 10).toLocaleString("en");
  return fail(`${fileName} is too large: its disk has ${size} GiB, and an image at most 128 GiB.`);
}
