import { closeSync, openSync, readSync, statSync, truncateSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openDisk } from "../open-disk.js";
import { never, withFile } from "../testing/open-file.js";
import { hasQemuImg, qemuImg } from "../testing/qemu-img.js";
import {
  amd64,
  arm64,
  DiskFolder,
  hasDiskTools,
  partition,
  pe,
  run,
} from "../testing/sample-disks.js";
import { madeGpt, madeMbr } from "../testing/made-gpt.js";
import type { DiskFile } from "../disk.js";
import { checkDisk } from "./check-disk.js";
import { mostReadBytes } from "./disk-reader.js";

const MiB = 2 ** 20;
const disks = new DiskFolder();
let bootable: string;

beforeAll(() => {
  if (hasDiskTools) bootable = disks.bootable();
});
afterAll(() => disks.remove());

/** Opens a file as a raw disk, and counts the bytes that are read. */
function open(path: string): DiskFile & { readBytes: number } {
  const fd = openSync(path, "r");
  onTestFinished(() => closeSync(fd));
  return {
    sizeBytes: statSync(path).size,
    readBytes: 0,
    async read(offset, into) {
      this.readBytes += into.length;
      for (let at = 0; at < into.length;) {
        const read = readSync(fd, into, at, into.length - at, offset + at);
        if (read === 0) throw new Error("read past the end");
        at += read;
      }
    },
  };
}

async function codesOf(path: string): Promise<readonly string[]> {
  return (await checkDisk(open(path))).findings.map(({ code }) => code);
}

async function messagesOf(path: string): Promise<string> {
  return (await checkDisk(open(path))).findings.map(({ message }) => message).join("\n");
}

describe.skipIf(!hasDiskTools)("A disk that boots", () => {
  test("has no findings, and its partitions are told", async () => {
    const { table, partitions, findings } = await checkDisk(open(bootable));
    expect(findings).toEqual([]);
    expect(table).toBe("gpt");
    expect(partitions).toMatchObject([
      { number: 1, startBytes: MiB, endBytes: 17 * MiB, isEfiSystem: true, name: "EFI" },
      { number: 2, isEfiSystem: false, name: "root" },
    ]);
  });

  test.each([
    { fatBits: 12, efiMiB: 8 },
    { fatBits: 16, efiMiB: 16 },
    { fatBits: 32, efiMiB: 40, sizeMiB: 64 },
  ] as const)("may have an EFI system partition of FAT$fatBits", async (options) => {
    expect(await codesOf(disks.bootable(options))).toEqual([]);
  });

  test("may name its boot file in letters of either case", async () => {
    expect(await codesOf(disks.bootable({ path: "efi/Boot/bootx64.efi" }))).toEqual([]);
  });

  test("may have its boot file after hundreds of others, with long names", async () => {
    const disk = disks.bootable({ bootFile: null });
    disks.putFile(disk, "EFI/BOOT/a file with a long name 000.efi", pe(arm64));
    const more = Array.from(
      { length: 200 },
      (_, index) => `::EFI/BOOT/long name number ${index}.efi`,
    );
    const content = disks.file(pe(arm64));
    for (const name of more) run("mcopy", "-D", "o", "-i", `${disk}@@${MiB}`, content, name);
    run(
      "mcopy",
      "-D",
      "o",
      "-i",
      `${disk}@@${MiB}`,
      disks.file(pe(amd64)),
      "::EFI/BOOT/BOOTX64.EFI",
    );
    expect(await codesOf(disk)).toEqual([]);
  });

  test("may be partitioned by sgdisk", async () => {
    const disk = disks.blank(64);
    run("sgdisk", "-n", "1:2048:+40M", "-t", "1:ef00", "-n", "2:0:0", disk);
    disks.format(disk, MiB, 40 * 1024, 32);
    disks.putFile(disk, "EFI/BOOT/BOOTX64.EFI", pe(amd64));
    expect(await codesOf(disk)).toEqual([]);
  });

  test("may have FAT32 with fewer clusters than the specification allows", async () => {
    const disk = disks.bootable({ fatBits: 32, efiMiB: 40, sizeMiB: 64 });
    const sectors = new Uint8Array(4);
    new DataView(sectors.buffer).setUint32(0, (20 * MiB) / 512, true);
    expect(await codesOf(disks.changed(disk, MiB + 32, sectors))).toEqual([]);
  });

  test("may have an MBR with an EFI system partition", async () => {
    const disk = disks.blank(64);
    partition(disk, "mklabel msdos", "mkpart primary fat32 1MiB 48MiB", "set 1 esp on");
    disks.format(disk, MiB, 47 * 1024, 32);
    disks.putFile(disk, "EFI/BOOT/BOOTX64.EFI", pe(amd64));
    const { table, findings } = await checkDisk(open(disk));
    expect({ table, findings }).toEqual({ table: "mbr", findings: [] });
  });

  test("is read no further than a check may, whatever its size", async () => {
    const disk = open(disks.bootable({ sizeMiB: 20 * 1024 }));
    expect((await checkDisk(disk)).findings).toEqual([]);
    expect(disk.readBytes).toBeLessThanOrEqual(mostReadBytes);
  });
});

describe.skipIf(!hasDiskTools)("The size", () => {
  test("that is not a multiple of 512 is a warning", async () => {
    const disk = disks.changed(bootable, 0, new Uint8Array(0));
    truncateSync(disk, statSync(disk).size + 100);
    expect(await codesOf(disk)).toEqual(["SIZE_NOT_SECTORS"]);
  });

  test("over 75 GiB is a warning, over 128 GiB an error", async () => {
    expect(await codesOf(disks.bootable({ sizeMiB: 75 * 1024 }))).toEqual([]);
    expect(await codesOf(disks.bootable({ sizeMiB: 75 * 1024 + 1 }))).toEqual([
      "LARGER_THAN_GUIDE",
    ]);
    const over = await checkDisk(open(disks.bootable({ sizeMiB: 128 * 1024 + 1 })));
    expect(over.findings).toMatchObject([{ code: "LARGER_THAN_API", severity: "error" }]);
  });
});

describe.skipIf(!hasDiskTools)("What is not a disk", () => {
  test("zeros alone look empty", async () => {
    expect(await codesOf(disks.blank(100))).toEqual(["LOOKS_EMPTY"]);
    expect(await codesOf(disks.file(new Uint8Array(1)))).toContain("LOOKS_EMPTY");
  });

  test("a file system without a partition table is named", async () => {
    const ext4 = disks.blank(16);
    run("mkfs.ext4", "-q", ext4);
    expect(await codesOf(ext4)).toEqual(["FILE_SYSTEM_ONLY"]);
    expect(await messagesOf(ext4)).toContain("a file system (ext4)");
    const fat = disks.blank(64);
    disks.format(fat, 0, 64 * 1024, 32);
    expect(await messagesOf(fat)).toContain("a file system (FAT)");
    const swap = disks.blank(4);
    run("mkswap", swap);
    expect(await messagesOf(swap)).toContain("a file system (swap)");
  });

  test("an ISO image is told as one", async () => {
    const iso = disks.changed(disks.blank(4), 16 * 2048, Buffer.from("\x01CD001\x01"));
    expect(await codesOf(iso)).toEqual(["ISO_IMAGE"]);
  });

  test("other bytes have no partition table", async () => {
    const text = disks.file(Buffer.from("This is a text, not a disk.\n".repeat(1000)));
    expect(await codesOf(text)).toEqual(["SIZE_NOT_SECTORS", "NO_PARTITION_TABLE"].toReversed());
  });
});

describe.skipIf(!hasDiskTools)("The partition table", () => {
  const sector = 512;

  test("of a disk that is cut short says so, with both sizes", async () => {
    const disk = disks.bootable({ sizeMiB: 24 });
    truncateSync(disk, 20 * MiB);
    const codes = await codesOf(disk);
    expect(codes).toEqual(["DISK_CUT_SHORT", "PARTITION_BEYOND_DISK"]);
    expect(await messagesOf(disk)).toContain(
      "by its partition table it has 24 MiB (25165824 bytes), but there are 20 MiB",
    );
  });

  test("of a disk that grew has its backup before the end", async () => {
    const disk = disks.bootable();
    truncateSync(disk, 164 * MiB);
    expect(await codesOf(disk)).toEqual(["GPT_BACKUP_NOT_AT_END"]);
    expect(await messagesOf(disk)).toContain("grew by 140 MiB");
  });

  test("with a damaged primary header or table is read from its backup", async () => {
    for (const offset of [sector + 40, 2 * sector + 60]) {
      const disk = disks.changed(bootable, offset, Uint8Array.of(0x55));
      expect(await codesOf(disk)).toEqual(["GPT_PRIMARY_DAMAGED"]);
    }
  });

  test("whose primary header is gone is read from its backup", async () => {
    const disk = disks.changed(bootable, sector, new Uint8Array(33 * sector));
    expect(await codesOf(disk)).toEqual(["GPT_PRIMARY_DAMAGED"]);
  });

  test("with a damaged backup is a warning", async () => {
    const disk = disks.changed(bootable, -sector + 40, Uint8Array.of(0x55));
    expect(await codesOf(disk)).toEqual(["GPT_BACKUP_DAMAGED"]);
  });

  test("with both copies damaged is an error", async () => {
    const once = disks.changed(bootable, sector + 40, Uint8Array.of(0x55));
    expect(await codesOf(disks.changed(once, -sector + 40, Uint8Array.of(0x55)))).toEqual([
      "GPT_DAMAGED",
    ]);
  });

  test("without a protective MBR is an error", async () => {
    const disk = disks.changed(bootable, 0, new Uint8Array(sector));
    expect(await codesOf(disk)).toEqual(["NO_PROTECTIVE_MBR"]);
  });

  test("that counts sectors of 4096 bytes is an error", async () => {
    const disk = disks.file(
      madeGpt(MiB, { sectorBytes: 4096, partitions: [{ first: 64, last: 100 }] }),
    );
    const codes = await codesOf(disk);
    expect(codes).toContain("SECTORS_4096");
    expect(codes).not.toContain("GPT_DAMAGED");
  });

  test("whose partitions overlap is a warning", async () => {
    const disk = disks.blank(64);
    const mbr = madeMbr([
      { type: 0xef, start: 2048, sectors: 40_000 },
      { type: 0x83, start: 30_000, sectors: 40_000 },
    ]);
    disks.format(disk, MiB, 16 * 1024, 16);
    disks.putFile(disk, "EFI/BOOT/BOOTX64.EFI", pe(amd64));
    expect(await codesOf(disks.changed(disk, 0, mbr))).toEqual(["PARTITIONS_OVERLAP"]);
  });

  test("that leaves a gibibyte or more at the end unused says how to shrink the disk", async () => {
    const disk = disks.blank(3 * 1024);
    partition(
      disk,
      "mklabel gpt",
      "mkpart EFI 1MiB 65MiB",
      "set 1 esp on",
      "mkpart root 65MiB 1GiB",
    );
    disks.format(disk, MiB, 64 * 1024, 32);
    disks.putFile(disk, "EFI/BOOT/BOOTX64.EFI", pe(amd64));
    expect(await codesOf(disk)).toEqual(["UNUSED_END"]);
    expect(await messagesOf(disk)).toContain("The last 2 GiB of the disk");
  });
});

describe.skipIf(!hasDiskTools)("Booting by UEFI", () => {
  test("needs an EFI system partition", async () => {
    const disk = disks.blank(64);
    partition(disk, "mklabel gpt", "mkpart root 1MiB 100%");
    expect(await codesOf(disk)).toEqual(["NO_EFI_PARTITION"]);
  });

  test("needs FAT on the EFI system partition", async () => {
    const disk = disks.blank(64);
    partition(disk, "mklabel gpt", "mkpart EFI 1MiB 100%", "set 1 esp on");
    expect(await codesOf(disk)).toEqual(["EFI_PARTITION_NOT_FAT"]);
  });

  test("needs the boot file for removable media", async () => {
    const disk = disks.bootable({ path: "EFI/debian/shimx64.efi" });
    expect(await codesOf(disk)).toEqual(["NO_BOOT_FILE"]);
  });

  test("needs the boot file for amd64, not the one for arm64", async () => {
    const disk = disks.bootable({ path: "EFI/BOOT/BOOTAA64.EFI", bootFile: pe(arm64) });
    expect(await messagesOf(disk)).toContain("boots arm64 only");
  });

  test("needs a program for amd64 in the boot file", async () => {
    expect(await codesOf(disks.bootable({ bootFile: pe(arm64) }))).toEqual(["BOOT_FILE_NOT_AMD64"]);
    const text = Buffer.from("not a program".repeat(20));
    expect(await codesOf(disks.bootable({ bootFile: text }))).toEqual(["BOOT_FILE_NOT_AMD64"]);
  });
});

describe.skipIf(!hasDiskTools || !hasQemuImg)("A disk image of any format", () => {
  test.each(["qcow2", "vmdk", "vpc", "vhdx", "vdi"])(
    "is checked as its raw disk: %s",
    async (driver) => {
      for (const [disk, codes] of [
        [bootable, []],
        [disks.bootable({ bootFile: null }), ["NO_BOOT_FILE"]],
      ] as const) {
        const image = `${disk}.${driver}`;
        const exact = driver === "vpc" ? ["-o", "force_size"] : [];
        await qemuImg("convert", "-f", "raw", "-O", driver, ...exact, disk, image);
        await withFile(image, async (file) => {
          const { findings } = await checkDisk(await openDisk(file), never);
          expect(findings.map(({ code }) => code)).toEqual(codes);
        });
      }
    },
  );
});
