import { Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { withCommonOptions, withOutputOptions } from "../settings/common-options.js";
import type { OutputFlags } from "../report/output.js";
import { withTransferOptions } from "./transfer-options.js";
import { policy } from "../upload/upload-command.js";
import type { ForgetFlags } from "./forget-transfer.js";
import type { ResumeFlags } from "./resume-transfers.js";

const examples = `
Examples:
  img transfers                               uploads that can be resumed, and who works on them
  img transfers resume                        resume all of them, one after the other
  img transfers resume debian-12              resume that one
  img transfers forget debian-12              start that one over the next time
`;

export function transfersCommand(): Command {
  const command = new Command("transfers")
    .description("List unfinished uploads, resume them, or forget one.")
    .enablePositionalOptions()
    .addCommand(resumeCommand())
    .addCommand(forgetCommand());
  return withOutputOptions(command)
    .addHelpText("after", wrapped(examples))
    .action(async (flags: OutputFlags) => {
      const { listTransfers } = await import("./list-transfers.js");
      await listTransfers(flags);
    });
}

function resumeCommand(): Command {
  const command = new Command("resume")
    .summary("resume unfinished uploads")
    .description(
      "Resume one unfinished upload, or all for this server that no process is working on, each from the file that it began with.",
    )
    .argument("[name]", "the image's name [default: all]")
    .argument("[url]", "its URL again, if that had a query or a user name, which are not kept")
    .addOption(
      policy("source-changed", ["fail", "restart"], "the file changed since the upload began"),
    )
    .addOption(policy("image-gone", ["fail", "restart"], "the unfinished image was deleted"));
  return withTransferOptions(command).action(
    async (name: string | undefined, url: string | undefined, flags: ResumeFlags) => {
      const { resumeTransfers } = await import("./resume-transfers.js");
      process.exitCode = await resumeTransfers(name ?? null, url ?? null, flags);
    },
  );
}

function forgetCommand(): Command {
  const command = new Command("forget")
    .summary("forget an upload, unfinished or completed")
    .description(
      "Forget an unfinished upload. On a terminal, asks whether to delete the unfinished image too; elsewhere the image stays.",
    )
    .argument("<name>", "the image's name")
    .option("--delete-image", "delete the unfinished image on the service too, do not ask")
    .option("--no-delete-image", "keep it, do not ask")
    .option("--force", "forget it even if another process may be working on it");
  return withCommonOptions(command).action(async (name: string, flags: ForgetFlags) => {
    const { forgetTransfer } = await import("./forget-transfer.js");
    await forgetTransfer(name, flags);
  });
}
