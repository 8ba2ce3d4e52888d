import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasTools, toolEnvironment } from "./debian.js";

const MiB = 2 ** 20;

/** Whether disks can be made by real tools. If not, each test that needs one is reported as skipped. */
export const hasDiskTools: boolean = hasTools(
  ["parted", "sgdisk", "mkfs.vfat", "mkfs.ext4", "mkswap", "mcopy"],
  "checks of disks made by parted, sgdisk, mkfs.vfat and mtools",
);

/** Runs a tool. Its output is part of the error if it fails. */
export function run(tool: string, ...args: readonly string[]): void {
  execFileSync(tool, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...toolEnvironment, MTOOLS_SKIP_CHECK: "1" },
  });
}

/** Partitions a disk by commands of parted, which is faster than sgdisk. */
export function partition(disk: string, ...commands: readonly string[]): void {
  run("parted", "-s", disk, ...commands.flatMap((command) => command.split(" ")));
}

/** A folder for disks, which `remove` deletes. */
export class DiskFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "disks-"));
  #count = 0;

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Makes a sparse file of zeros. */
  blank(sizeMiB: number): string {
    const path = join(this.path, `disk-${++this.#count}.raw`);
    writeFileSync(path, "");
    truncateSync(path, sizeMiB * MiB);
    return path;
  }

  file(bytes: Uint8Array): string {
    const path = join(this.path, `file-${++this.#count}`);
    writeFileSync(path, bytes);
    return path;
  }

  /** Makes a disk with a GPT, an EFI system partition that boots amd64, and a partition for the system. */
  bootable(options: BootableOptions = {}): string {
    const { sizeMiB = 24, fatBits = 16, efiMiB = 16, bootFile = pe(amd64), path } = options;
    const disk = this.blank(sizeMiB);
    const efi = `mkpart EFI fat32 1MiB ${efiMiB + 1}MiB`;
    partition(disk, "mklabel gpt", efi, "set 1 esp on", `mkpart root ${efiMiB + 1}MiB 100%`);
    this.format(disk, MiB, efiMiB * 1024, fatBits);
    if (bootFile !== null) this.putFile(disk, path ?? "EFI/BOOT/BOOTX64.EFI", bootFile);
    return disk;
  }

  /** Makes a FAT file system at an offset of a disk. */
  format(disk: string, offsetBytes: number, sizeKiB: number, fatBits: 12 | 16 | 32): void {
    const offset = ["--offset", String(offsetBytes / 512)];
    const sectorsPerCluster = fatBits === 12 ? "8" : "1"; // else it is chosen by the whole disk's size
    run(
      "mkfs.vfat",
      "-F",
      String(fatBits),
      "-s",
      sectorsPerCluster,
      ...offset,
      disk,
      String(sizeKiB),
    );
  }

  /** Copies a file, with its folders, into the FAT file system at 1 MiB. */
  putFile(disk: string, path: string, bytes: Uint8Array): void {
    const image = `${disk}@@${MiB}`;
    const folders = path.split("/").slice(0, -1);
    folders.forEach((_, index) => {
      run("mmd", "-D", "s", "-i", image, `::${folders.slice(0, index + 1).join("/")}`);
    });
    run("mcopy", "-D", "o", "-i", image, this.file(bytes), `::${path}`);
  }

  /** Copies a disk and changes some of its bytes. */
  changed(disk: string, offset: number, bytes: Uint8Array): string {
    const all = readFileSync(disk);
    all.set(bytes, offset < 0 ? all.length + offset : offset);
    return this.file(all);
  }
}

interface BootableOptions {
  readonly sizeMiB?: number;
  readonly efiMiB?: number;
  readonly fatBits?: 12 | 16 | 32;
  /** The boot program; null for none. */
  readonly bootFile?: Uint8Array | null;
  readonly path?: string;
}

export const amd64 = 0x8664;
export const arm64 = 0xaa64;

/** Makes the head of a program for a machine, as much as firmware reads first. */
export function pe(machine: number, headerAt = 0x80): Uint8Array {
  const bytes = new Uint8Array(headerAt + 512);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, headerAt, true);
  view.setUint32(headerAt, 0x4550, true);
  view.setUint16(headerAt + 4, machine, true);
  return bytes;
}
