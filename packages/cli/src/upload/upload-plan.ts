import { stat } from "node:fs/promises";
import type { SfcCore } from "@img/core/core.js";
import type { ImageListEntry } from "@img/core/models";
import {
  checkImage,
  openImageSource,
  openUrlImage,
  type CompressedSource,
  type CompressedUrlSource,
  type DiskDescription,
  type DiskSource,
  type UrlSource,
} from "@img/node-fs";
import { closing, limits, partBytesFor, planParts } from "@img/transfer";
import { checkDisk, type Finding } from "@img/disk-formats/check";
import { formatBytes, formatShare } from "../report/bytes.js";
import { counted } from "../report/counted.js";
import type { CheckFlag, FormatFlag } from "../disks/disk-options.js";
import { diskText } from "../disks/disk-words.js";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import { eachImage } from "../images/find-image.js";
import { imageTypeOf, typeWarning, type ImageType } from "../disks/image-type.js";
import { printEvent, printText } from "../report/output.js";
import type { Session } from "../transfers/session.js";
import { nothingKept, runTransfer, type Hooks } from "../transfers/transfer-frame.js";
import { transferOptions, type TransferFlags } from "../transfers/transfer-options.js";
import { readToCompare } from "./source-digest.js";
import { labelOf, nameOf, urlIn } from "./upload-input.js";
import { completedIn, journalOf, unfinishedIn, type Unfinished } from "./upload-journal.js";

/** What an upload would do. */
interface UploadPlan {
  readonly file: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** The bytes that the file takes on this disk; null for a URL. */
  readonly allocatedBytes: number | null;
  /** The size of the compressed file; null if it is not compressed, or is sent as it is. */
  readonly packedBytes: number | null;
  readonly type: ImageType;
  /** The disk that a disk image describes; null if the file is the raw disk. */
  readonly disk: DiskDescription | null;
  /** What was found about booting the disk. */
  readonly findings: readonly Finding[];
  readonly partBytes: number;
  readonly parts: number;
  readonly lanes: number;
  readonly memoryBytes: number;
  readonly resume: Unfinished | null;
  /** An image that has the name and is not this upload's own. */
  readonly taken: { readonly id: string; readonly status: string } | null;
  /** The image as which an earlier run uploaded this file. */
  readonly uploaded: { readonly id: string } | null;
  /** A complete image with the same bytes. */
  readonly same: { readonly id: string; readonly name: string } | null;
}

/** The flags that a plan depends on. */
export interface PlanFlags extends TransferFlags {
  readonly name?: string;
  readonly format?: FormatFlag;
  readonly check?: CheckFlag;
}

/** `--dry-run`: prints what would be done. It only reads: the service, the journals and the files. */
export async function planUploads(
  files: readonly string[],
  session: Session<PlanFlags>,
): Promise<ExitCode> {
  const { flags, client } = session;
  let listed: Promise<readonly ImageListEntry[]> | undefined;
  let first: ExitCode = exitCode.done;
  for (const file of files) {
    const name = flags.name ?? nameOf(file);
    const label = labelOf(file);
    const url = urlIn(file);
    const code = await runTransfer(session, {
      subject: { label, name, direction: "up", piped: false },
      run: async (hooks) => {
        const { signal } = hooks;
        const images = await (listed ??= allImages(client)); // listed here, so that Ctrl-C ends it
        const opening = { format: flags.format, signal };
        const source = await (url === null
          ? openImageSource(file, opening)
          : openUrlImage(url, opening));
        const planned = { file: label, url, name, images, hooks };
        return closing(source, () => planOf(source, planned, session));
      },
      print: (plan) => {
        printEvent(flags, { event: "plan", ...plan });
        printText(flags, ...planLines(plan));
      },
      standing: nothingKept,
    });
    if (session.interruption.signal.aborted) return code;
    if (first === exitCode.done) first = code;
  }
  return first;
}

async function allImages(client: SfcCore): Promise<readonly ImageListEntry[]> {
  const images: ImageListEntry[] = [];
  for await (const image of eachImage(client, {})) images.push(image);
  return images;
}

type AnyImage = DiskSource | CompressedSource | UrlSource | CompressedUrlSource;

interface Planned {
  readonly file: string;
  /** The URL; null for a path. */
  readonly url: URL | null;
  readonly name: string;
  readonly images: readonly ImageListEntry[];
  readonly hooks: Hooks;
}

async function planOf(
  source: AnyImage,
  { file, url, name, images, hooks }: Planned,
  session: Session<PlanFlags>,
): Promise<UploadPlan> {
  const { settings, flags } = session;
  const description = source.sizeBytes === null ? null : source.description;
  const known = source.sizeBytes === null ? source.format : description?.format;
  const options = transferOptions(flags, settings.file);
  const journal = await journalOf(session, name);
  const resume = unfinishedIn(journal);
  const { sizeBytes, sha256 } = await readToCompare(source, url !== null, images, hooks);
  const mostBytes = source.sizeBytes ?? limits.maxImageBytes;
  const partBytes = resume?.partBytes ?? partBytesFor(mostBytes, options.partBytes ?? null);
  const parts = planParts(sizeBytes, partBytes).length;
  const lanes = Math.min(parts, options.lanes ?? 4);
  const same = images.find((image) => image.sha256?.toLowerCase() === sha256);
  const uploaded = same !== undefined && same.id === completedIn(journal) ? { id: same.id } : null;
  const ours = uploaded?.id ?? resume?.imageId;
  const holder = images.find((image) => image.name === name && image.id !== ours);
  return {
    file,
    name,
    sizeBytes,
    allocatedBytes: url !== null ? null : (await stat(file)).blocks * 512,
    packedBytes: source.sizeBytes === null ? source.packedBytes : null,
    type: known ?? (url === null ? await imageTypeOf(file) : "raw"),
    disk: description,
    findings: flags.check === "off" ? [] : await findingsOf(source, url ?? file, hooks.signal),
    partBytes,
    parts,
    lanes,
    memoryBytes: Math.min(parts, lanes * 2) * Math.min(sizeBytes, partBytes),
    resume,
    taken: holder === undefined ? null : { id: holder.id, status: holder.uploadStatus },
    same: same === undefined || uploaded !== null ? null : { id: same.id, name: same.name },
    uploaded,
  };
}

async function findingsOf(
  source: AnyImage,
  input: string | URL,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const checked =
    source.sizeBytes === null ? checkImage(input, { signal }) : checkDisk(source, signal);
  return (await checked).findings;
}

const onDisk = (allocatedBytes: number | null): string =>
  allocatedBytes === null ? "" : `, ${formatBytes(allocatedBytes)} of it on disk`;

function planLines(plan: UploadPlan): readonly string[] {
  const { file, name, sizeBytes, allocatedBytes, disk, partBytes, parts, lanes, memoryBytes } =
    plan;
  const { type, findings, resume, taken, same, uploaded, packedBytes } = plan;
  const lines = [
    `${file} would be uploaded as ${name}`,
    disk !== null
      ? `  size    ${formatBytes(sizeBytes)}; ${diskText(disk)}`
      : packedBytes !== null
        ? `  size    ${formatBytes(sizeBytes)}, unpacked from ${formatBytes(packedBytes)} of ${type}`
        : `  size    ${formatBytes(sizeBytes)}${onDisk(allocatedBytes)}; ${type}`,
    `  plan    ${counted(parts, "part")} of ${formatBytes(partBytes)}, ${lanes} at once, ${formatBytes(memoryBytes)} of memory to begin with`,
  ];
  if (resume !== null) {
    const there = formatShare(resume.doneBytes, sizeBytes);
    lines.push(`  resume  ${there} are there already (${counted(resume.partsDone, "part")})`);
  }
  if (resume?.holder) lines.push(`  locked  process ${resume.holder.pid} is working on it`);
  if (taken !== null)
    lines.push(`  taken   the name is that of ${taken.id}, which is ${taken.status}`);
  if (uploaded !== null) lines.push(`  done    already uploaded as ${uploaded.id}`);
  if (same !== null) lines.push(`  same    ${same.name} (${same.id}) has the very same bytes`);
  const warning = disk === null && packedBytes === null ? typeWarning(type) : null;
  if (warning !== null) lines.push(`  warning ${warning}`);
  else lines.push(...findings.map(({ message, advice }) => `  warning ${message} ${advice}`));
  return lines;
}
