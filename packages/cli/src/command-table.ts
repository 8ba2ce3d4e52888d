import type { Command } from "commander";

/** One command, as the overview knows it. */
export interface CommandEntry {
  readonly summary: string;
  /** Loads its options; what it does is loaded when it is run. */
  readonly load: () => Promise<Command>;
}

/** All commands, those first that most people want. */
export const commandTable: Readonly<Record<string, CommandEntry>> = {
  upload: {
    summary: "upload files as images",
    load: async () => (await import("./upload-command.js")).uploadCommand(),
  },
  download: {
    summary: "download an image to a file",
    load: async () => (await import("./download-command.js")).downloadCommand(),
  },
  verify: {
    summary: "compare a file with an image as it is stored",
    load: async () => (await import("./verify-command.js")).verifyCommand(),
  },
  list: {
    summary: "list images",
    load: async () => (await import("./list-command.js")).listCommand(),
  },
  show: {
    summary: "show one image",
    load: async () => (await import("./show-command.js")).showCommand(),
  },
  delete: {
    summary: "delete an image",
    load: async () => (await import("./delete-command.js")).deleteCommand(),
  },
  transfers: {
    summary: "list unfinished uploads",
    load: async () => (await import("./transfers-command.js")).transfersCommand(),
  },
  serve: {
    summary: "run the Images API on this machine",
    load: async () => (await import("./serve-command.js")).serveCommand(),
  },
  doctor: {
    summary: "check server, token, clock, disk and link",
    load: async () => (await import("./doctor-command.js")).doctorCommand(),
  },
  completion: {
    summary: "print a completion script for a shell",
    load: async () => (await import("./completion-command.js")).completionCommand(),
  },
};

export const aliases: Readonly<Record<string, string>> = { ls: "list", rm: "delete" };
