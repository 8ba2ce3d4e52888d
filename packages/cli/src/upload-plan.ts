import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { SfcCore } from "@img/core/core.js";
import type { ImageListEntry } from "@img/core/models";
import { fileJournals, stateDirOfUser } from "@img/node-fs";
import {
  describeJournal,
  MiB,
  partBytesFor,
  planParts,
  readJournal,
  type LockHolder,
} from "@img/transfer";
import { formatBytes, formatShare } from "./bytes.js";
import { exitCode, type ExitCode } from "./exit-code.js";
import { eachImage } from "./find-image.js";
import { imageTypeOf, typeWarning, type ImageType } from "./image-type.js";
import { printEvent, printText } from "./output.js";
import type { Session } from "./transfer-session.js";
import { transferOptions } from "./transfer-options.js";
import type { UploadFlags } from "./upload-command.js";
import { UsageError } from "./usage-error.js";

/** What an upload would do. */
interface UploadPlan {
  readonly file: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
  readonly type: ImageType;
  readonly partBytes: number;
  readonly parts: number;
  readonly lanes: number;
  readonly memoryBytes: number;
  readonly resume: Unfinished | null;
  /** The live image that has the name and is not this upload's own. */
  readonly taken: { readonly id: string; readonly status: string } | null;
  /** A complete image with these very bytes. */
  readonly same: { readonly id: string; readonly name: string } | null;
}

interface Unfinished {
  readonly imageId: string | null;
  readonly partsDone: number;
  readonly doneBytes: number;
  readonly partBytes: number;
  readonly holder: LockHolder | null;
}

/** `--dry-run`: says what would be done. It reads the service, the journals and the files only. */
export async function planUploads(
  files: readonly string[],
  flags: UploadFlags,
  session: Session,
  signal: AbortSignal,
): Promise<ExitCode> {
  const images: ImageListEntry[] = [];
  for await (const image of eachImage(session.client, {})) images.push(image);
  for (const file of files) {
    signal.throwIfAborted();
    const plan = await planOne(file, flags, session, images, signal);
    printEvent(flags, { event: "plan", ...plan });
    printText(flags, planLines(plan).join("\n"));
  }
  return exitCode.done;
}

async function planOne(
  file: string,
  flags: UploadFlags,
  { client, settings }: Session,
  images: readonly ImageListEntry[],
  signal: AbortSignal,
): Promise<UploadPlan> {
  const name = flags.name ?? basename(file);
  const { size: sizeBytes, blocks } = await statFile(file);
  const options = transferOptions(flags, settings.file);
  const resume = await unfinished(client, name, settings.file.stateDir ?? stateDirOfUser());
  const partBytes = resume?.partBytes ?? partBytesFor(sizeBytes, options.partBytes ?? 16 * MiB);
  const parts = planParts(sizeBytes, partBytes).length;
  const lanes = Math.min(parts, options.lanes ?? 4);
  const holder = images.find((image) => image.name === name && image.id !== resume?.imageId);
  return {
    file,
    name,
    sizeBytes,
    allocatedBytes: blocks * 512,
    type: await imageTypeOf(file),
    partBytes,
    parts,
    lanes,
    memoryBytes: Math.min(parts, lanes * 2) * Math.min(sizeBytes, partBytes),
    resume,
    taken: holder === undefined ? null : { id: holder.id, status: holder.uploadStatus },
    same: await sameImage(file, images, signal),
  };
}

async function statFile(file: string): Promise<{ size: number; blocks: number }> {
  const stats = await stat(file).catch((cause: unknown) => {
    throw new UnusableFileError(`There is no file ${file}. Check the path.`, { cause });
  });
  if (!stats.isFile()) throw new UsageError(`${file} is no file. An image is one regular file.`);
  return stats;
}

/** As the library says it. */
class UnusableFileError extends Error {
  readonly code = "SOURCE_UNUSABLE";
}

/** What a journal knows of an earlier run. */
async function unfinished(
  client: SfcCore,
  name: string,
  stateDir: string,
): Promise<Unfinished | null> {
  const server = SfcCore.optionsOf(client).baseURL?.href;
  for (const stored of await fileJournals(stateDir).list()) {
    const { key, contents, holder } = stored;
    if (key.kind !== "upload" || key.name !== name || key.server !== server) continue;
    const state = readJournal(contents);
    if (state.at === "nothing" || state.at === "downloading" || state.at === "completed") continue;
    const { imageId, partsDone, doneBytes } = describeJournal(stored);
    return { imageId, partsDone, doneBytes, partBytes: state.begin.partBytes, holder };
  }
  return null;
}

/** The file is read for its digest only where it can be of use. */
async function sameImage(
  file: string,
  images: readonly ImageListEntry[],
  signal: AbortSignal,
): Promise<{ id: string; name: string } | null> {
  if (!images.some((image) => image.sha256)) return null;
  const hash = createHash("sha256");
  const stream = createReadStream(file, { highWaterMark: MiB, signal });
  for await (const bytes of stream) hash.update(bytes as Buffer);
  const sha256 = hash.digest("hex");
  const found = images.find((image) => image.sha256?.toLowerCase() === sha256);
  return found === undefined ? null : { id: found.id, name: found.name };
}

function planLines(plan: UploadPlan): readonly string[] {
  const { file, name, sizeBytes, allocatedBytes, partBytes, parts, lanes, memoryBytes } = plan;
  const { type, resume, taken, same } = plan;
  const lines = [
    `${file} would be uploaded as ${name}`,
    `  size    ${formatBytes(sizeBytes)}, ${formatBytes(allocatedBytes)} of it on disk; ${type}`,
    `  plan    ${parts} parts of ${formatBytes(partBytes)}, ${lanes} at once, ${formatBytes(memoryBytes)} of memory to begin with`,
  ];
  if (resume !== null) {
    const there = formatShare(resume.doneBytes, sizeBytes);
    lines.push(`  resume  ${there} are there already (${resume.partsDone} parts)`);
  }
  if (resume?.holder) lines.push(`  locked  process ${resume.holder.pid} is working on it`);
  if (taken !== null)
    lines.push(`  taken   the name is that of ${taken.id}, which is ${taken.status}`);
  if (same !== null) lines.push(`  same    ${same.name} (${same.id}) has the very same bytes`);
  const warning = typeWarning(type);
  if (warning !== null) lines.push(`  warning ${warning}`);
  return lines;
}
