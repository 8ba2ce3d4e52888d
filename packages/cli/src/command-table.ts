import type { CommandTable } from "./command-entry.js";
import { checkCommand } from "./disks/check-command.js";
import { completionCommand } from "./completion/completion-command.js";
import { convertCommand } from "./disks/convert-command.js";
import { deleteCommand } from "./images/delete-command.js";
import { doctorCommand } from "./doctor/doctor-command.js";
import { downloadCommand } from "./download/download-command.js";
import { listCommand } from "./images/list-command.js";
import { reinstateCommand, revokeCommand } from "./images/revoke-command.js";
import { serveCommand } from "./serve/serve-command.js";
import { showCommand } from "./images/show-command.js";
import { configCommand } from "./settings/config-command.js";
import { transfersCommand } from "./transfers/transfers-command.js";
import { uploadCommand } from "./upload/upload-command.js";
import { verifyCommand } from "./download/verify-command.js";

/** All commands. Those that most people want come first. */
export const commandTable: CommandTable = {
  upload: { summary: "upload files as images", make: uploadCommand },
  download: { summary: "download an image to a file", make: downloadCommand },
  check: { summary: "check whether a disk image can boot", make: checkCommand },
  verify: { summary: "compare a file with a stored image", make: verifyCommand },
  convert: { summary: "write a disk image as a raw disk", make: convertCommand },
  list: { summary: "list images", make: listCommand },
  show: { summary: "show one image", make: showCommand },
  delete: { summary: "delete an image", make: deleteCommand },
  revoke: { summary: "stop new instances from using an image", make: revokeCommand },
  reinstate: { summary: "let new instances use a revoked image again", make: reinstateCommand },
  transfers: { summary: "list unfinished uploads", make: transfersCommand },
  serve: { summary: "run the Images API on this machine", make: serveCommand },
  config: { summary: "show and change the configuration", make: configCommand },
  doctor: { summary: "check server, token, clock, disk and link", make: doctorCommand },
  completion: { summary: "print a completion script for a shell", make: completionCommand },
};

export const aliases: Readonly<Record<string, string>> = { ls: "list", rm: "delete" };

export const isCommand = (name: string): boolean =>
  name === "help" || Object.hasOwn(commandTable, aliases[name] ?? name);
