import { Command } from "commander";
import { wrapped } from "../help/wrapped-help.js";
import { durationMs, withCommonOptions } from "../settings/common-options.js";
import type { DoctorFlags } from "./doctor.js";

const help = `
Examples:
  img doctor                                  what an upload from here needs
  img doctor --link                           and how fast one is, and what limits it

It looks at the configuration, the service, the token, the clock, the folder where uploads are
remembered, and how fast this machine can make a digest. Nothing is changed. With --link it also
uploads made-up bytes for 5 seconds, as an image that is never completed and deleted at once.

It ends with 0 when all is well, else with the code of the first thing that is not.
`;

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description("Check what an upload from here needs, and what would limit it.")
    .optionsGroup("Doctor:")
    .option(
      "--link [time]",
      "measure an upload: sends for 5s, and deletes what it sent",
      durationMs,
    );
  return withCommonOptions(command)
    .addHelpText("after", wrapped(help))
    .action(async (flags: DoctorFlags) => {
      const { examine } = await import("./doctor.js");
      process.exitCode = await examine(flags);
    });
}
