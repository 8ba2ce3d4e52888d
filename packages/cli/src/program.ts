import { Command } from "commander";
import { aliases, commandTable } from "./command-table.js";

const overview = `
Most people want:
  img upload debian.img                       upload a file as an image
  img list                                    see what is there
  img download debian.img                     get it back, verified

An interrupted transfer goes on with the same command. Where the service is, and who you are:
  export SFC_SERVER_URL=https://…  SFC_BEARER_AUTH=…   (or a config file; see the README)
`;

/** The command line. Only the commands that the arguments name have their options loaded. */
export async function programFor(argv: readonly string[]): Promise<Command> {
  const program = new Command("img")
    .description(
      "Uploads and downloads machine images: fast, verified, and never from the start again.",
    )
    .usage("<command> [options]")
    // Else `img transfers resume --json` is taken as `img transfers --json resume`.
    .enablePositionalOptions()
    .version(await version(argv), "-V, --version")
    .addHelpText("after", overview)
    .helpCommand("help [command]", "show the options of a command");
  const named = new Set(argv.map((argument) => aliases[argument] ?? argument));
  for (const [name, { summary, load }] of Object.entries(commandTable)) {
    program.addCommand(named.has(name) ? await load() : new Command(name).summary(summary));
  }
  return program;
}

/** Read only where it is asked for. */
async function version(argv: readonly string[]): Promise<string> {
  if (!argv.some((argument) => argument === "-V" || argument === "--version")) return "";
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
