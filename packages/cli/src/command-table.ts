import type { Command } from "commander";
import { checkCommand } from "./check-command.js";
import { completionCommand } from "./completion-command.js";
import { convertCommand } from "./convert-command.js";
import { deleteCommand } from "./delete-command.js";
import { doctorCommand } from "./doctor-command.js";
import { downloadCommand } from "./download-command.js";
import { listCommand } from "./list-command.js";
import { reinstateCommand, revokeCommand } from "./revoke-command.js";
import { serveCommand } from "./serve-command.js";
import { showCommand } from "./show-command.js";
import { transfersCommand } from "./transfers-command.js";
import { uploadCommand } from "./upload-command.js";
import { verifyCommand } from "./verify-command.js";

/** One command, as the overview knows it. */
export interface CommandEntry {
  readonly summary: string;
  /** With its options; what it does is loaded when it is run. */
  readonly make: () => Command;
}

/** All commands, those first that most people want. */
export const commandTable: Readonly<Record<string, CommandEntry>> = {
  upload: {
    summary: "upload files as images",
    make: uploadCommand,
  },
  download: {
    summary: "download an image to a file",
    make: downloadCommand,
  },
  check: {
    summary: "look whether a disk image can boot",
    make: checkCommand,
  },
  verify: {
    summary: "compare a file with an image as it is stored",
    make: verifyCommand,
  },
  convert: {
    summary: "write a disk image as a raw disk",
    make: convertCommand,
  },
  list: {
    summary: "list images",
    make: listCommand,
  },
  show: {
    summary: "show one image",
    make: showCommand,
  },
  delete: {
    summary: "delete an image",
    make: deleteCommand,
  },
  revoke: {
    summary: "stop new instances from using an image",
    make: revokeCommand,
  },
  reinstate: {
    summary: "let new instances use a revoked image again",
    make: reinstateCommand,
  },
  transfers: {
    summary: "list unfinished uploads",
    make: transfersCommand,
  },
  serve: {
    summary: "run the Images API on this machine",
    make: serveCommand,
  },
  doctor: {
    summary: "check server, token, clock, disk and link",
    make: doctorCommand,
  },
  completion: {
    summary: "print a completion script for a shell",
    make: completionCommand,
  },
};

export const aliases: Readonly<Record<string, string>> = { ls: "list", rm: "delete" };

export const isCommand = (name: string): boolean =>
  name === "help" || Object.hasOwn(commandTable, aliases[name] ?? name);
