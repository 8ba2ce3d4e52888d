import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./workspace.js";

let project: string;

/** As pnpm installs it: a program reaches the one package that it names, and that package reaches its own. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "img-strict-"));
  const types = await realpath(join(root, "node_modules/@types/node"));
  const links = {
    "@img/node-fs": join(root, "packages/node-fs"),
    "@types/node": types,
    "undici-types": join(types, "../../undici-types"),
  };
  for (const [name, target] of Object.entries(links)) {
    const link = join(project, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(target, link);
  }
  await writeFile(join(project, "package.json"), '{"type":"module"}');
});
afterAll(() => rm(project, { recursive: true }));

// TypeScript writes the inferred types down, so each needs a name that this program can import.
const program = `
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

test(
  "a program that depends on node-fs alone can name every type that its functions give",
  { timeout: 60_000 },
  async () => {
    await writeFile(join(project, "program.ts"), program);
    const args = ["--declaration", "--emitDeclarationOnly", "--strict", "--module", "nodenext"];
    const tsc = [join(root, "node_modules/typescript-7/bin/tsc"), ...args, "--lib", "es2023"];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...tsc, "--types", "node", "--skipLibCheck", "program.ts"],
      { cwd: project },
    ).catch((error: unknown) => error as { stdout: string });
    expect(stdout).toBe("");
  },
);
