import type { TransferProgress } from "@img/node-fs";
import { formatRate } from "./bytes.js";
import { counted, countedOf } from "./counted.js";
import { formatSeconds } from "./durations.js";
import {
  limitText,
  movedBytes,
  movedText,
  percentOf,
  phaseText,
  shareOf,
} from "./progress-words.js";
import { outageSentences, reasonWords } from "./outage-text.js";
import { painter, type TerminalStyle } from "./terminal-style.js";
import { fitText, printable, textWidth } from "./text-width.js";
import type { Subject } from "./transfer-report.js";

/** Everything that the lines of a running transfer show. */
export interface TransferView {
  readonly subject: Subject;
  /** null until bytes move. */
  readonly progress: TransferProgress | null;
  readonly etaSec: number | null;
  /** Why the last call of the service failed; null if it succeeded. */
  readonly trouble: string | null;
}

/** Narrower than this, a bar shows nothing useful. */
const narrowest = 39;

/** Returns the lines of a running transfer, none wider than the terminal. Pure. */
export function transferLines(
  view: TransferView,
  columns: number,
  style: TerminalStyle,
): readonly string[] {
  // Some terminals wrap when the last column is written.
  const width = Math.max(10, columns - 1);
  if (width < narrowest) return [shortLine(view, width)];
  return [barLine(view, width, style), detailLine(view, width, style)];
}

function shortLine(view: TransferView, width: number): string {
  const { progress } = view;
  const outage = outageSentences(progress);
  if (outage !== null) return fitText(outage[0]!, width);
  if (progress === null || view.trouble !== null) return fitText(waitingText(view), width);
  const words = [headText(view), formatRate(progress.bytesPerSecond), etaText(view)];
  const fitting = words.reduce((line, word) => {
    const longer = `${line} ${word}`.trim();
    return longer.length <= width ? longer : line;
  });
  return fitText(fitting, width);
}

function barLine(view: TransferView, width: number, style: TerminalStyle): string {
  const paint = painter(style);
  const percent = headText(view).padStart(4);
  const label = fitText(printable(view.subject.label), Math.floor(width / 3));
  const barColumns = width - textWidth(label) - percent.length - 2;
  const bar = barOf(view.progress === null ? 0 : shareOf(view.progress), barColumns, style);
  return `${paint("bold", label)} ${bar} ${percent}`;
}

/** Formats the percentage, or what has moved if the size is unknown. */
function headText({ progress }: TransferView): string {
  if (progress === null || progress.sizeBytes === 0) return "";
  return percentOf(progress);
}

function barOf(share: number, columns: number, style: TerminalStyle): string {
  const paint = painter(style);
  const [full, half, rest] = style.unicode ? ["━", "╸", "─"] : ["#", "", "-"];
  const halves = Math.floor(share * columns * 2);
  const whole = Math.floor(halves / 2);
  const head = full.repeat(whole) + (halves % 2 === 1 ? half : "");
  return paint("green", head) + paint("dim", rest.repeat(columns - head.length));
}

function detailLine(view: TransferView, width: number, style: TerminalStyle): string {
  const separator = style.unicode ? " · " : ", ";
  const outage = outageSentences(view.progress);
  if (outage !== null) return painter(style)("yellow", fitting(outage, width));
  const fields = detailFields(view);
  // Leaves out the least important fields until the rest fits.
  for (let least = 5; least > 1; least--) {
    const text = "  " + textOf(fields, least).join(separator);
    if (textWidth(text) <= width) return painted(text, view, style);
  }
  return fitText("  " + textOf(fields, 1).join(separator), width);
}

interface Field {
  readonly text: string;
  /** The importance: 1 is left out last. */
  readonly rank: number;
}

const textOf = (fields: readonly Field[], least: number): string[] =>
  fields.filter(({ text, rank }) => text !== "" && rank <= least).map(({ text }) => text);

function detailFields(view: TransferView): readonly Field[] {
  const { progress, trouble } = view;
  if (progress === null || trouble !== null) return [{ text: waitingText(view), rank: 1 }];
  if (progress.phase === "verifying") return verifyingFields(progress);
  if (progress.phase !== "moving") return [{ text: phaseText(progress.phase), rank: 1 }];
  const { partsDone, partsInFlight, limitedBy, bytesPerSecond, sizeBytes } = progress;
  const parts =
    sizeBytes === 0
      ? counted(partsDone, "part")
      : countedOf(partsDone, progress.partsTotal, "/", "part");
  if (movedBytes(progress) === 0 && limitedBy !== "retry") {
    return [{ text: movedText(progress), rank: 1 }]; // no rate, and no limit
  }
  const moving = partsInFlight > 0 ? `, ${partsInFlight} in flight` : "";
  return [
    { text: movedText(progress), rank: 2 },
    { text: formatRate(bytesPerSecond), rank: 1 },
    { text: etaText(view), rank: 1 },
    { text: parts + moving, rank: 5 },
    {
      text:
        limitedBy === null || bytesPerSecond === 0 ? "" : limitText(limitedBy, view.subject.piped),
      rank: 4,
    },
  ];
}

function verifyingFields(progress: TransferProgress): readonly Field[] {
  const { bytesPerSecond, phase } = progress;
  return [
    { text: movedText(progress), rank: 2 },
    { text: bytesPerSecond === 0 ? "" : formatRate(bytesPerSecond), rank: 3 },
    { text: phaseText(phase), rank: 1 },
  ];
}

function painted(text: string, view: TransferView, style: TerminalStyle): string {
  const bad = view.trouble !== null || view.progress?.limitedBy === "retry";
  return painter(style)(bad ? "yellow" : "dim", text);
}

/** Returns as many of the sentences as fit. */
function fitting([first = "", ...more]: readonly string[], width: number): string {
  const text = more.reduce((before, sentence) => {
    const longer = `${before} ${sentence}`;
    return textWidth(longer) <= width ? longer : before;
  }, `  ${first}`);
  return fitText(text, width);
}

function waitingText({ trouble, subject }: TransferView): string {
  if (trouble !== null) return `${printable(reasonWords(trouble) ?? trouble)}, trying again`;
  return subject.direction === "up" ? "preparing the upload" : "preparing the download";
}

function etaText({ etaSec, progress }: TransferView): string {
  if (etaSec === null || progress?.phase !== "moving") return "";
  return `${formatSeconds(etaSec)} left`;
}
