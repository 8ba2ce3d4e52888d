import { checkImage, type ImageCheck } from "@img/node-fs";
import { formatBytes } from "../report/bytes.js";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import { findingLines } from "./finding-lines.js";
import { interruptible } from "../failure/interruption.js";
import { printEvent, printText, type OutputFlags } from "../report/output.js";
import { printable } from "../report/text-width.js";
import { labelOf, urlIn } from "../upload/upload-input.js";
import type { FormatFlag } from "./disk-options.js";

export interface CheckFlags extends OutputFlags {
  readonly format?: FormatFlag;
}

/** `img check FILE|URL`: checks whether the disk can boot. @returns 1 if any finding is an error. */
export async function checkFile(file: string, flags: CheckFlags): Promise<ExitCode> {
  return interruptible(async ({ signal, orCut }) => {
    const { format } = flags;
    const checked = await orCut(checkImage(urlIn(file) ?? file, { format, signal }));
    const label = labelOf(file);
    printEvent(flags, { event: "checked", file: label, ...checked });
    for (const line of linesOf(label, checked)) printText(flags, line);
    const isBad = checked.findings.some(({ severity }) => severity === "error");
    return isBad ? exitCode.unexpected : exitCode.done;
  });
}

function linesOf(file: string, checked: ImageCheck): readonly string[] {
  const { format, sizeBytes, table, partitions, findings } = checked;
  const of =
    sizeBytes === null ? "whose size is known when it is unpacked" : `of ${formatBytes(sizeBytes)}`;
  const disk = `${printable(file)}: ${format}, a disk ${of}`;
  const parts = partitions.map(({ number, startBytes, endBytes, isEfiSystem, name }) => {
    const label = [isEfiSystem ? "EFI system" : "", name && `"${printable(name)}"`];
    const size = formatBytes(endBytes - startBytes);
    return `  ${String(number).padStart(2)}  ${size}  ${label.filter(Boolean).join(" ")}`.trimEnd();
  });
  return [
    table === null ? disk : `${disk}, ${table.toUpperCase()}`,
    ...parts,
    ...findings.flatMap(findingLines),
    findings.length === 0 ? "No problems found." : "",
  ].filter((line) => line !== "");
}
