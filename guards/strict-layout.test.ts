import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./workspace.js";

let project: string;

/** Installs as pnpm does: a program can import only packages that it names, and so can each of those. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "img-strict-"));
  const types = await realpath(join(root, "node_modules/@types/node"));
  const links = {
    "node/node_modules/@img/node-fs": join(root, "packages/node-fs"),
    "node/node_modules/@types/node": types,
    "node/node_modules/undici-types": join(types, "../../undici-types"),
    "page/node_modules/@img/browser-blob": join(root, "packages/browser-blob"),
  };
  for (const [name, target] of Object.entries(links)) {
    const link = join(project, name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(target, link);
  }
  for (const folder of ["node", "page"]) {
    await writeFile(join(project, folder, "package.json"), '{"type":"module"}');
  }
});
afterAll(() => rm(project, { recursive: true }));

// TypeScript writes out the inferred types, so that each needs a name that this program can import.
const ofNode = `
  import {
    downloadImage, fileJournals, forgetUpload, isTransferError, listTransfers, nodePlatform, openDiskSource,
    openFileSource, Sfc, upload, uploadImage, verifyImage,
    type ImageUploadResponse, type JournalStore, type SfcCore, type Source,
  } from "@img/node-fs";

  export const client = new Sfc({ serverURL: "https://api.example.com" });
  export const uploaded = () => uploadImage("disk.img", { client });
  export const any = (source: Source) => upload(source, { client, name: "disk" });
  export const downloaded = () => downloadImage("disk", "disk.img", { client });
  export const verified = () => verifyImage("disk.img", "disk", { client });
  export const listed = () => listTransfers();
  export const forgotten = () => forgetUpload("disk", { client });
  export const journals = fileJournals("journals");
  export const platform = nodePlatform(journals, "disk.img");
  export const file = () => openFileSource("disk.img");
  export const disk = () => openDiskSource("disk.img");
  export const codeOf = (error: unknown) => (isTransferError(error) ? error : null);
  export const imageOf = async (store: JournalStore, core: SfcCore): Promise<ImageUploadResponse> =>
    (await uploadImage("disk.img", { client: core, journals: store })).image;
`;

const ofPage = `
  import {
    downloadImage, forgetDownload, forgetUpload, inspectImage, isTransferError, listTransfers, openUrl, Sfc, uploadImage,
    type ImageUploadResponse, type SfcCore, type TransferEvent,
  } from "@img/browser-blob";

  export const client = new Sfc({ serverURL: "https://api.example.com" });
  export const uploaded = (file: File) => uploadImage(file, { client });
  export const told = (file: File, onEvent: (event: TransferEvent) => void) => uploadImage(file, { client, onEvent });
  export const downloaded = (to: FileSystemFileHandle) => downloadImage("disk", to, { client });
  export const inspected = (file: File) => inspectImage(file);
  export const opened = () => openUrl(new URL("https://example.com/disk.img"));
  export const listed = () => listTransfers();
  export const forgotten = () => forgetUpload("disk", { client });
  export const dropped = (to: FileSystemFileHandle) => forgetDownload("disk", to, { client });
  export const codeOf = (error: unknown) => (isTransferError(error) ? error : null);
  export const imageOf = async (file: File, core: SfcCore): Promise<ImageUploadResponse> =>
    (await uploadImage(file, { client: core })).image;
`;

test.each([
  ["node-fs", "node", ofNode, ["--lib", "es2023", "--types", "node"]],
  ["browser-blob", "page", ofPage, ["--lib", "es2023,dom,dom.asynciterable"]],
] as const)(
  "a program that depends on %s alone can name every type that its functions give",
  { timeout: 60_000 },
  async (_, folder, program, platform) => {
    const cwd = join(project, folder);
    await writeFile(join(cwd, "program.ts"), program);
    const args = ["--declaration", "--emitDeclarationOnly", "--strict", "--module", "nodenext"];
    const tsc = [join(root, "node_modules/typescript-7/bin/tsc"), ...args, ...platform];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...tsc, "--skipLibCheck", "program.ts"],
      { cwd },
    ).catch((error: unknown) => error as { stdout: string });
    expect(stdout).toBe("");
  },
);
