import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { aliases, commandTable } from "./command-table.js";
import { wrapped } from "./help/wrapped-help.js";

const overview = `
Most people want:
  img upload debian.img                       upload a file as an image
  img list                                    see what is there
  img download debian.img                     get it back, verified

The same command resumes an interrupted transfer.

Where the service is, and who you are:
  SFC_SERVER_URL          the service's URL; or --server
  SFC_BEARER_AUTH         the token; never an argument, since others can read those
  SFC_WORKSPACE           the workspace; or --workspace. With one, the preview version of the API is used
  ~/.config/img/config.toml
                          server = "https://…"
                          workspace = "sfc:workspace:…"
                          token_command = "pass show img"
                          lanes, threads, limit_rate, part_size, memory, state_dir
  To have a service on this machine: img serve

Exit codes:
  0 done     3 not authorized   6 source changed       9 no space
  1 other    4 not found        7 integrity           75 interrupted: the same command resumes
  2 usage    5 taken or exists  8 locked by another  130 Ctrl-C: the same command resumes
`;

/** Builds the command line. Only the commands that the arguments name get their options. */
export async function programFor(argv: readonly string[]): Promise<Command> {
  const program = new Command("img")
    .description(
      "Uploads and downloads machine images: fast, verified, and resumed after any interruption.",
    )
    .usage("<command> [options]")
    // Otherwise `img transfers resume --json` is parsed as `img transfers --json resume`.
    .enablePositionalOptions()
    .version(manifest.version, "-V, --version")
    .addHelpText("after", wrapped(overview))
    .helpCommand("help [command]", "show the options of a command");
  const named = new Set(argv.map((argument) => aliases[argument] ?? argument));
  for (const [name, { summary, make }] of Object.entries(commandTable)) {
    program.addCommand((named.has(name) ? make() : new Command(name)).summary(summary));
  }
  return program;
}
