import { button } from "./element.js";
import { isImageName } from "./image-name.js";
import { isUrl } from "./files.js";
import { askForNotices, isNoticeUseful } from "./notices.js";
import type { WayOut } from "./transfer-state.js";
import type { Transfer } from "./transfer.js";

/** The actions of a card's buttons. */
export interface CardActions {
  /** Starts an upload under the name on its card. */
  start(transfer: Transfer): unknown;
  /** Starts an upload under the name of an unfinished upload, which it replaces. */
  replace(transfer: Transfer): unknown;
  /** Asks for the file, or for the right to read it, and then runs it. */
  resume(transfer: Transfer): Promise<void>;
  /** Removes the transfer; asks first if uploaded bytes would be lost. */
  remove(transfer: Transfer): Promise<void>;
  /** Offers a finished download that is in the browser's own storage to the user. */
  save(transfer: Transfer): Promise<void>;
}

/** The buttons that a transfer's state allows. */
export function cardButtons(transfer: Transfer, actions: CardActions): HTMLButtonElement[] {
  const { state } = transfer;
  const made = maker(transfer);
  const remove = (text = "Remove") => made(text, () => actions.remove(transfer), "quiet");
  const save = () => made("Save to disk", () => actions.save(transfer), "primary");
  const pause = (text = "Pause") => made(text, () => transfer.pause());
  switch (state.at) {
    case "checking":
      return [remove()];
    case "ready":
      return [uploadButton(transfer, actions), remove()];
    case "queued":
      return transfer.isNew ? [pause("Edit"), remove()] : [pause()];
    case "running":
      return [pause(), ...noticeButton(transfer)];
    case "paused":
      return [resumeButton("Resume", transfer, actions), remove()];
    case "failed":
      return [...waysOut(state.wayOut, transfer, actions), remove()];
    case "done":
    case "kept":
      return transfer.isPrivate ? [save(), remove("Delete")] : [remove("Close")];
  }
}

/** Makes buttons whose label names the transfer. */
const maker =
  ({ task: { name } }: Transfer) =>
  (text: string, onclick: () => unknown, look = "", disabled = false): HTMLButtonElement =>
    button(text, onclick, {
      class: look,
      disabled,
      "aria-label": text.includes(name) ? text : `${text} ${name}`,
    });

function noticeButton(transfer: Transfer): HTMLButtonElement[] {
  if (!isNoticeOffered(transfer)) return [];
  return [maker(transfer)("Notify me at the end", askForNotices, "quiet")];
}

/** Whether it takes so long that the user may want to work elsewhere. */
export const isNoticeOffered = ({ state, progress }: Transfer): boolean =>
  state.at === "running" && isNoticeUseful(progress?.etaMs ?? null);

function uploadButton(transfer: Transfer, actions: CardActions): HTMLButtonElement {
  const start = (): unknown => actions.start(transfer);
  return maker(transfer)("Upload", start, "primary", !isImageName(transfer.task.name));
}

/** Makes the button that resumes. It says which file the dialog asks for, if one has to be chosen. */
function resumeButton(text: string, transfer: Transfer, actions: CardActions): HTMLButtonElement {
  const { missingFile } = transfer;
  const how = missingFile !== null && isUrl(missingFile) ? "Paste" : "Choose";
  const label = missingFile === null ? text : `${how} ${missingFile} again to resume`;
  return maker(transfer)(label, () => actions.resume(transfer), "primary");
}

function waysOut(wayOut: WayOut, transfer: Transfer, actions: CardActions): HTMLButtonElement[] {
  if (wayOut === "none") return [];
  if (wayOut === "again") return [resumeButton("Try again", transfer, actions)];
  const upload = uploadButton(transfer, actions);
  if (wayOut === "rename") return [upload];
  const replace = (): unknown => actions.replace(transfer);
  return [upload, maker(transfer)("Replace the unfinished upload", replace)];
}

/** Whether the name on its card can be changed. */
export function isRenamable({ state, task }: Transfer): boolean {
  if (task.kind === "download") return false;
  if (state.at === "failed") return state.wayOut.startsWith("rename");
  return state.at === "ready";
}
