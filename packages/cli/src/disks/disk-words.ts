import type { DiskDescription } from "@img/node-fs";
import { formatBytes } from "../report/bytes.js";

/** Describes a disk, as `qcow2: 2.20 GiB of data in a disk of 20.0 GiB`. */
export const diskText = ({ format, dataBytes, sizeBytes }: DiskDescription): string =>
  `${format}: ${formatBytes(dataBytes)} of data in a disk of ${formatBytes(sizeBytes)}`;
