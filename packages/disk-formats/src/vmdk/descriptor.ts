import { FormatUnsupportedError } from "../errors.js";

/** The kinds of VMDK that consist of one file. */
const readable = ["monolithicSparse", "streamOptimized"];

/**
 * Refuses a disk whose descriptor names other files. The descriptor is a text of lines `key=value`, in the
 * image or in its own file.
 */
export function checkDescriptor(text: string): void {
  const kind = /^\s*createType\s*=\s*"([^"]*)"/im.exec(text)?.[1] ?? "";
  const parent = /^\s*parentCID\s*=\s*([0-9a-f]+)/im.exec(text)?.[1] ?? "ffffffff";
  if (!/^f{8}$/i.test(parent)) {
    throw new FormatUnsupportedError(
      "vmdk",
      "holds only the differences to a parent, another file",
      "Merge both into one file: qemu-img convert -O raw IN OUT, or consolidate its snapshots.",
    );
  }
  if (readable.some((each) => each.toLowerCase() === kind.toLowerCase())) return;
  if (kind === "") refusePart();
  throw new FormatUnsupportedError(
    "vmdk",
    `is of the kind "${kind.replace(/[^ -~]/g, "")}", whose data is in other files`,
    "Merge them into one file: qemu-img convert -O raw IN OUT, or export it as OVA.",
  );
}

/** Refuses a file without a disk type, which is one of several files of a disk. */
export function refusePart(): never {
  throw new FormatUnsupportedError(
    "vmdk",
    "is one part of a split disk",
    "Convert the whole disk: qemu-img convert -O raw IN OUT, where IN is the small file that names the parts.",
  );
}
