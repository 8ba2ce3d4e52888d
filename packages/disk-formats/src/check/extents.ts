import { finding, type Finding } from "./finding.js";
import { gib } from "./gib.js";
import type { Partition } from "./partition.js";

/** An unused end that is shorter is not reported. */
const worthMentioningBytes = 2 ** 30;

/** Returns the findings about the positions of the partitions. */
export function extentFindings(
  partitions: readonly Partition[],
  sizeBytes: number,
): readonly Finding[] {
  const inOrder = partitions.toSorted((a, b) => a.startBytes - b.startBytes);
  const beyond = inOrder.filter((partition) => partition.endBytes > sizeBytes);
  const overlapping = inOrder.flatMap((partition, index) => {
    const next = inOrder[index + 1];
    return next && next.startBytes < partition.endBytes ? [overlap(partition, next)] : [];
  });
  return [
    ...beyond.map((partition) => beyondDisk(partition, sizeBytes)),
    ...overlapping.slice(0, 1),
    ...unusedEnd(inOrder, sizeBytes),
  ];
}

function unusedEnd(partitions: readonly Partition[], sizeBytes: number): readonly Finding[] {
  if (partitions.length === 0) return [];
  const unusedBytes = sizeBytes - Math.max(...partitions.map(({ endBytes }) => endBytes));
  if (unusedBytes < worthMentioningBytes) return [];
  return [
    finding(
      "UNUSED_END",
      `The last ${gib(unusedBytes)} of the disk belong to no partition, and are sent all the same.`,
      `Shrink the disk to ${gib(sizeBytes - unusedBytes)}, then run \`sgdisk -e\` on it.`,
    ),
  ];
}

const overlap = (a: Partition, b: Partition) =>
  finding(
    "PARTITIONS_OVERLAP",
    `Partitions ${a.number} and ${b.number} overlap.`,
    "Check the partition table, or build the image again.",
  );

const beyondDisk = ({ number, endBytes }: Partition, sizeBytes: number) =>
  finding(
    "PARTITION_BEYOND_DISK",
    `Partition ${number} ends ${gib(endBytes - sizeBytes)} after the disk's end.`,
    "Check that the file was written or downloaded completely.",
  );
